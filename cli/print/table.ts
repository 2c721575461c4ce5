import Table from 'cli-table3';
import pc from 'picocolors';
import type { Terminal } from '../terminal/terminal.js';

/** Colours for a terminal; none in a pipe or under NO_COLOR. */
export const paint = (terminal: Pick<Terminal, 'stderr' | 'env'>): ReturnType<typeof pc.createColors> =>
  pc.createColors(terminal.stderr.isTTY === true && !terminal.env.NO_COLOR);

/** A table without lines, for people. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const chars = Object.fromEntries(
    [
      'top',
      'top-mid',
      'top-left',
      'top-right',
      'bottom',
      'bottom-mid',
      'bottom-left',
      'bottom-right',
      'left',
      'left-mid',
      'mid',
      'mid-mid',
      'right',
      'right-mid',
    ].map((name) => [name, '']),
  );
  const printed = new Table({
    head: [...head],
    chars: { ...chars, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) printed.push([...row]);
  return printed
    .toString()
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
};

/** Bytes in the unit that people would use: `6.82 kB`. */
export { default as size } from 'pretty-bytes';

/** How long ago a time is, roughly: `3 min`, `5 h`, `2 days`. */
export const age = (at: Date, now: Date): string =>
  minutesText(Math.max(0, (now.getTime() - at.getTime()) / 60_000));

/** A number of minutes in the unit that people would use. */
export const minutesText = (count: number): string =>
  count < 120
    ? `${Math.round(count)} min`
    : count < 2_880
      ? `${Math.round(count / 60)} h`
      : `${Math.round(count / 1_440)} days`;
