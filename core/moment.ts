/** What `parseMoment` takes, for messages. */
export const MOMENT_ALLOWED =
  "a day or a time of this machine's zone, as in 2026-03-01 or 2026-03-01T09:30, or with a zone, as in 2026-03-01T09:30Z";

const WRITTEN = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d(?:\.\d{1,3})?))?(Z|[+-]\d\d:\d\d)?)?$/i;
const OFFSET = /^(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/i;

/**
 * Reads a point in time as people and programs write it: a profile of ISO 8601. Without a zone it is of this machine's, a day
 * alone too, which begins at midnight.
 * @returns undefined for anything else: a day that does not exist, or a time that the clocks of this machine skip.
 */
export const parseMoment = (text: string): Date | undefined => {
  const [, day, clock = '00:00', seconds = '00', zone] = WRITTEN.exec(text) ?? [];
  if (day === undefined) return undefined;
  const written = `${day}T${clock}:${seconds.padEnd(6, seconds.includes('.') ? '0' : '.000')}`;
  // The language moves a day that does not exist on to the next one that does.
  const utc = new Date(`${written}Z`);
  if (Number.isNaN(utc.getTime()) || utc.toISOString() !== `${written}Z`) return undefined;
  if (zone !== undefined) return OFFSET.test(zone) ? new Date(`${written}${zone.toUpperCase()}`) : undefined;
  const local = new Date(written);
  // Where clocks skip midnight, the day begins when it does.
  const wanted = text === day ? day : written;
  return localText(local).startsWith(wanted) ? local : undefined;
};

const localText = (moment: Date): string =>
  new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, -1);
