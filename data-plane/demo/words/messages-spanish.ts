import type { MessageWords } from './shapes.js';

export const SPANISH_MESSAGES: MessageWords = {
  weekdays: ['lunes', 'martes', 'miércoles', 'jueves', 'viernes'],
  dialogues: [
    [
      ['patient', 'Buenas, ¿tenéis hueco para {service} el {day} por la mañana?'],
      ['assistant', 'Hola, {name}. El {day} queda libre a las {time}. ¿Te la reservo?'],
      ['patient', 'Perfecto, muchas gracias 😊'],
      ['assistant', '¡Hecho! Te esperamos el {day} a las {time} en {clinic}.'],
    ],
    [
      ['assistant', '{name}, te recordamos tu cita de {service} el {day} a las {time}.'],
      ['patient', 'Me ha surgido una reunión, ¿podría cambiarla a otro día?'],
      ['staff', 'Claro, sin problema. Te llamamos esta tarde y buscamos otra hora.'],
    ],
    [
      ['patient', '¿Me podéis mandar la factura de {service}? Es para el seguro.'],
      ['staff', 'Buenos días, {name}. Te la enviamos hoy mismo por correo electrónico.'],
    ],
    [
      ['patient', 'Estoy en la sala de espera, ¿falta mucho?'],
      ['staff', 'Tienes dos personas delante, {name}. Unos veinte minutos.'],
    ],
  ],
  questions: {
    dental: [
      'Tengo sensibilidad después de la limpieza, ¿es normal?',
      'Suele durar un par de días. Si va a más, te vemos sin cita.',
    ],
    aesthetic: [
      '¿Cuándo baja la hinchazón de los labios?',
      'Cada persona es distinta; lo habitual es en dos o tres días. La doctora te revisa el {day}.',
    ],
    psychology: [
      'Esta semana he vuelto a dormir mal. ¿Podemos adelantar la sesión?',
      'Sí, {name}, hay sitio el {day} a las {time}.',
    ],
    dermatology: [
      'La crema me pica un poco, ¿la dejo?',
      'Se lo pregunto a la dermatóloga y te contesto hoy.',
    ],
    physiotherapy: [
      '¿Sigo con los ejercicios aunque me duela la espalda?',
      'Para los que duelan y lo vemos en la próxima sesión, el {day}.',
    ],
    ophthalmology: [
      '¿Puedo conducir después de las gotas?',
      'No durante unas tres horas; mejor ven acompañado.',
    ],
    gynaecology: [
      '¿Ya están los resultados de la citología?',
      'Han llegado hoy; la doctora te los explica el {day} a las {time}.',
    ],
    paediatrics: [
      'La niña tiene 38,5 desde anoche, ¿la llevo?',
      'Traedla hoy a las {time}, os hacemos hueco.',
    ],
    fertility: [
      '¿Tengo que venir en ayunas a la analítica hormonal?',
      'No hace falta. Ven antes de las 10:00, {name}.',
    ],
    nutrition: ['¿Puedo cambiar la cena del martes por tortilla?', 'Claro que sí, con una ensalada al lado.'],
    laboratory: ['¿Hasta qué hora se puede venir en ayunas?', 'Hacemos extracciones de 9:00 a 11:00.'],
    general: ['Necesito un justificante de la consulta de ayer.', 'Te lo dejamos en recepción, {name}.'],
  },
};
