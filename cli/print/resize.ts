import type { Resize } from '../../control-plane/cells/resize.js';
import { withSign } from './cost-change.js';

/** What another size of a cell changes, its pause and its cost, a line each. */
export const describeResize = (resize: Resize): string[] => {
  const { from, to, settings } = resize;
  return [
    `size: ${from === to ? `${to}, as it should be` : `${from} -> ${to}`}`,
    ...settings.map(
      ({ name, from: now, to: next, needsRestart }) =>
        `${name}: ${now} -> ${next}${needsRestart ? ', needs a restart' : ''}`,
    ),
    pauseOf(resize),
    costOf(resize),
  ];
};

const pauseOf = ({ restarts, lastRestart }: Resize): string => {
  if (!restarts) return 'pause: none, sessions go on';
  const measured = lastRestart
    ? `the last restart of this cell took ${lastRestart.pauseMs} ms (${lastRestart.at.toISOString()})`
    : 'none of this cell was measured yet';
  return `pause: a restart ends every session of the cell, and applications connect again; ${measured}`;
};

const costOf = ({ cell, to, monthlyEur }: Resize): string => {
  if (monthlyEur.to === null)
    return `cost: not known; the administrator of ${cell} says it: INSERT INTO ringfence.prices VALUES ('cellMonth.${to}', <EUR a month>)`;
  const now = `cost: ${monthlyEur.to.toFixed(2)} EUR a month`;
  if (monthlyEur.from === null) return `${now}; before: not known`;
  const difference = withSign((monthlyEur.to - monthlyEur.from) * 1e6);
  return `${now}; before: ${monthlyEur.from.toFixed(2)} EUR; ${difference} EUR a month`;
};
