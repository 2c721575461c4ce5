import type { MessageWords } from './shapes.js';

export const ENGLISH_MESSAGES: MessageWords = {
  weekdays: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'],
  dialogues: [
    [
      ['patient', 'Hi, do you have anything for a {service} on {day} morning?'],
      ['assistant', 'Hello {name}. {day} at {time} is free. Shall I book it?'],
      ['patient', 'Yes please, thank you!'],
      ['assistant', "All set. We'll see you on {day} at {time} at {clinic}."],
    ],
    [
      ['assistant', '{name}, a reminder of your {service} on {day} at {time}.'],
      ['patient', "Something's come up at work, could I move it?"],
      ['staff', "Of course. We'll ring you this afternoon to find another time."],
    ],
    [
      ['patient', 'Could you send me the invoice for the {service}? My insurer wants it.'],
      ['staff', 'Good morning {name}, you will have it by email today.'],
    ],
    [
      ['patient', "I'm in the waiting room, is it long to go?"],
      ['staff', 'Two people before you, {name}: about twenty minutes.'],
    ],
  ],
  questions: {
    dental: [
      'My teeth are sensitive since the cleaning, is that normal?',
      'It usually lasts a day or two. If it gets worse, just come in.',
    ],
    aesthetic: [
      'When does the swelling of the lips go down?',
      'It varies; usually in two or three days. The doctor sees you on {day}.',
    ],
    psychology: [
      "I've slept badly again this week. Could we meet earlier?",
      'Yes {name}, {day} at {time} is free.',
    ],
    dermatology: [
      'The cream stings a little, should I stop?',
      'I will ask the dermatologist and answer today.',
    ],
    physiotherapy: [
      'Should I go on with the exercises if my back hurts?',
      'Leave out those that hurt; we will look at them on {day}.',
    ],
    ophthalmology: ['Can I drive after the drops?', 'Not for about three hours; better come with someone.'],
    gynaecology: [
      'Are the smear results back?',
      'They came today; the doctor explains them on {day} at {time}.',
    ],
    paediatrics: ["She's had 38.5 since last night, shall I bring her in?", 'Please do, today at {time}.'],
    fertility: ['Do I have to fast for the hormone test?', 'No need. Come before 10:00, {name}.'],
    nutrition: ["Can I swap Tuesday's dinner for an omelette?", 'Of course, with a salad on the side.'],
    laboratory: ['Until when can I come in fasting?', 'We take blood from 9:00 to 11:00.'],
    general: ["I need a note for yesterday's appointment.", 'It is waiting for you at reception, {name}.'],
  },
};
