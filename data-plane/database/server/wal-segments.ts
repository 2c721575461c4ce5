const NAME = /^[0-9A-F]{24}$/;
const LOG_BYTES = 2 ** 32;

/** The name of a WAL segment, of any server version: timeline, log and segment, 8 upper-case hex digits each. */
export const isSegmentName = (name: string): boolean => NAME.test(name);

/** Position of a segment in the log, counted in segments; the timeline left out. */
export const segmentNumber = (name: string, segmentBytes: number): number =>
  Number.parseInt(name.slice(8, 16), 16) * (LOG_BYTES / segmentBytes) +
  Number.parseInt(name.slice(16, 24), 16);

/**
 * The name of the first segment that is missing between `start` and the newest of `names`.
 * Undefined where none is; `start` itself when there is nothing from it on.
 */
export const firstGap = (
  start: string,
  names: readonly string[],
  segmentBytes: number,
): string | undefined => {
  const first = segmentNumber(start, segmentBytes);
  const numbers = new Set(names.map((name) => segmentNumber(name, segmentBytes)));
  const newest = Math.max(first, ...numbers);
  for (let number = first; number <= newest; number++)
    if (!numbers.has(number)) return segmentName(start.slice(0, 8), number, segmentBytes);
  return undefined;
};

/** A timeline as it leads the names of its segments and of its history file. */
export const timelineName = (timeline: number): string => hex(timeline);

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

const segmentName = (timeline: string, number: number, segmentBytes: number): string => {
  const perLog = LOG_BYTES / segmentBytes;
  return `${timeline}${hex(Math.floor(number / perLog))}${hex(number % perLog)}`;
};
