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
