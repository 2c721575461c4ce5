import type { AskDimension, Sheet } from '../dimension.js';
import { askPairs } from './pairs.js';
import { askWeek, type Week } from './week.js';

/** When the clinic is open, and when a person can take over a conversation. */
export const askHours: AskDimension = async (sheet) => {
  const { prompts, clinic, check } = sheet;
  const timeZone = await prompts.text({
    message: 'Time zone',
    byDefault: clinic.hours.timeZone,
    check: (text) => check({ hours: { timeZone: text } }, 'hours', 'timeZone'),
  });
  const weekly = await askWeek(prompts, clinic.hours.weekly, 'Open', (week, ...at) =>
    check({ hours: { weekly: week } }, 'hours', 'weekly', ...at),
  );
  const holidays = await askHolidays(sheet);
  const handOff = await askHandOff(sheet, weekly);
  return { hours: { timeZone, weekly, holidays, ...(handOff === undefined ? {} : { handOff }) } };
};

const askHolidays = async ({ prompts, check }: Sheet) => {
  const named = (pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([date, name]) => ({ date, name }));
  const pairs = await askPairs(prompts, {
    first: 'A day on which the clinic is closed (YYYY-MM-DD)',
    second: 'What day is it?',
    secondDefault: 'Holiday',
    keys: ['date', 'name'],
    check: (all, ...at) => check({ hours: { holidays: named(all) } }, 'hours', 'holidays', ...at),
  });
  return named(pairs);
};

/** Nothing when people answer whenever the clinic is open. */
const askHandOff = async ({ prompts, check }: Sheet, weekly: Week): Promise<Week | undefined> => {
  const when = await prompts.choose({
    message: 'When can a person take over a conversation?',
    choices: [
      { value: 'open', label: 'Whenever the clinic is open' },
      { value: 'other', label: 'At other hours' },
    ],
    byDefault: 'open',
  });
  if (when === 'open') return undefined;
  return askWeek(prompts, weekly, 'A person answers', (week, ...at) =>
    check({ hours: { weekly, handOff: week } }, 'hours', 'handOff', ...at),
  );
};
