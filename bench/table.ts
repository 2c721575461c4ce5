import type { Comparison, Skipped } from './measure.js';

/** One line of the table. */
export const describe = (result: Comparison | Skipped): string => {
  if ('skipped' in result) return `skipped ${result.name}: ${result.skipped}`;
  const { name, baselineMs, measuredMs, figure, unit, goal, met } = result;
  if (unit === 'calls' || unit === 'errors')
    return `${met ? 'met   ' : 'MISSED'} ${figure} ${unit} (${goal})  ${name}`;
  const outcome = goal === 'no goal' ? 'known ' : met ? 'met   ' : 'MISSED';
  if (unit === 'ms') return `${outcome} ${time(figure)} (${goal})  ${name}`;
  if (unit === 'size')
    return `${outcome} ${figure.toFixed(2)}x (${goal})  ${megabytes(measuredMs)} / ${megabytes(baselineMs)}  ${name}`;
  const shown =
    unit === 'x'
      ? `${figure.toFixed(2)}x`
      : `${figure < 0 ? '' : '+'}${figure.toFixed(1)} ${unit === '+ms' ? 'ms' : unit}`;
  return `${outcome} ${shown} (${goal})  ${time(measuredMs)} / ${time(baselineMs)}  ${name}`;
};

const time = (ms: number): string =>
  ms < 0.5 ? `${(ms * 1_000).toFixed(1)} us` : `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
