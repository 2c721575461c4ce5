import type { MoveRehearsal } from '../../control-plane/moves/rehearse-move.js';
import type { Move } from '../../control-plane/moves/store.js';
import { size, table } from './table.js';

const seconds = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? '-' : `${(milliseconds / 1000).toFixed(1)} s`;
const milliseconds = (time: number | undefined): string =>
  time === undefined ? '-' : `${time.toFixed(1)} ms`;

/** What a move did, for people. */
export const moveReport = (slug: string, move: Move): string => {
  const { id, source, destination, report, windowEndsAt } = move;
  const checked = report.checkedAfterwards
    ? 'every row compared again after the switch'
    : 'not compared again';
  return `${table(
    ['', slug],
    [
      ['from', source],
      ['home', destination],
      ['copied', `${report.rows ?? 0} rows, ${size(report.bytes ?? 0)} in ${seconds(report.copyMs)}`],
      [
        'compared',
        `in ${seconds(report.compareMs)}; ${report.comparedRows ?? 0} changed rows behind the fence; ${checked}`,
      ],
      [
        'pause',
        `${milliseconds(report.pauseMs)} (${milliseconds(report.drainMs)} to drain, ${milliseconds(report.arriveMs)} to arrive)`,
      ],
      ['backup', report.backup ?? '-'],
      ['way back', `until ${windowEndsAt?.toISOString() ?? '-'}`],
    ],
  )}to bring it back:   ringfence operations rollback ${id}
to end the window: ringfence placements withdraw ${slug} ${source}
`;
};

/** What a move would do and cost, for people. */
export const rehearsalReport = (found: MoveRehearsal): string => {
  const { slug, source, destination, rows, bytes, copyMs, compareMs, pauseMs, drainMs, arriveMs, leftOut } =
    found;
  const { name, tier, region } = destination;
  const missing =
    leftOut.length === 0 ? '' : `left out, because an empty cell has not got them: ${leftOut.join(', ')}\n`;
  return `${table(
    ['', slug],
    [
      ['from', source],
      ['to', `${name} (${tier}, ${region})`],
      ['to copy', `${rows} rows, ${size(bytes)} in ${seconds(copyMs)}`],
      ['to compare', `in ${seconds(compareMs)}`],
      [
        'pause',
        `${milliseconds(pauseMs)} (${milliseconds(drainMs)} to fence, ${milliseconds(arriveMs)} to drain and arrive)`,
      ],
    ],
  )}${missing}`;
};
