import type { Clinic } from '../../../manifest/index.js';
import { WEEKDAYS } from '../../../manifest/primitives.js';
import type { Prompts } from '../prompts.js';

export type Week = Clinic['hours']['weekly'];
type Day = Week['monday'];

const CLOSED = 'closed';
const EXAMPLE = ` (such as 09:30-14:00, 16:00-20:00, or ${CLOSED})`;

/** The hours of seven days. A working day proposes the hours of the one before, so that Enter repeats them. */
export const askWeek = async (
  prompts: Prompts,
  initial: Week,
  title: string,
  check: (week: Week, ...at: readonly PropertyKey[]) => string | undefined,
): Promise<Week> => {
  const week: Week = { ...initial };
  for (const [index, weekday] of WEEKDAYS.entries()) {
    const before = WEEKDAYS[index - 1];
    const repeats = before && initial[weekday].length > 0 && sameDay(initial[weekday], initial[before]);
    const proposed = repeats ? week[before] : initial[weekday];
    const answer = await prompts.text({
      message: `${title} on ${weekday.charAt(0).toUpperCase()}${weekday.slice(1)}${index === 0 ? EXAMPLE : ''}`,
      byDefault: formatDay(proposed),
      check: (text) => check({ ...week, [weekday]: parseDay(text) }, weekday),
    });
    week[weekday] = parseDay(answer);
  }
  return week;
};

const sameDay = (a: Day, b: Day): boolean => formatDay(a) === formatDay(b);

const formatDay = (day: Day): string => day.map(({ open, close }) => `${open}-${close}`).join(', ') || CLOSED;

/** Passes a text that is no time on as it is: the schema refuses it in its own words. */
const parseDay = (text: string): Day =>
  text.toLowerCase() === CLOSED
    ? []
    : text.split(',').map((span) => {
        const [open = '', close = '', ...more] = span
          .trim()
          .split(/\s*[-–]\s*/)
          .map(padHour);
        return { open, close: [close, ...more].join('-') };
      });

const padHour = (time: string): string => time.replace(/^(\d):/, '0$1:').replace(/^\d{2}$/, '$&:00');
