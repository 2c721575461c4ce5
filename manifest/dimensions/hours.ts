import { z } from 'zod';
import { clockTime, closingTime, date, line, section, timeZone } from '../primitives.js';

const day = z
  .array(section({ open: clockTime, close: closingTime }))
  .max(6)
  .default([]);

const week = section({
  monday: day,
  tuesday: day,
  wednesday: day,
  thursday: day,
  friday: day,
  saturday: day,
  sunday: day,
});

const office = [{ open: '09:00', close: '18:00' }];

/** Dimension 3: when the clinic is open, and when a person can take over a conversation. */
export const hours = section({
  timeZone,
  weekly: week
    .default({
      monday: office,
      tuesday: office,
      wednesday: office,
      thursday: office,
      friday: office,
      saturday: [],
      sunday: [],
    })
    .describe('Opening hours; a day that is not named is closed.'),
  holidays: z
    .array(section({ date, name: line() }))
    .max(400)
    .default([]),
  handOff: week.optional().describe('When a person answers; the opening hours when left out.'),
}).prefault({});
