import type { CostChange } from '../../control-plane/costs/cost-change.js';
import { eurText } from './eur.js';

/** What a change costs a month, in a line. */
export const describeCostChange = ({ microEur, added, removed }: CostChange): string => {
  if (added.length === 0 && removed.length === 0) return 'cost: the cell costs what it did';
  if (microEur !== null) return `cost: ${withSign(microEur)} EUR a month`;
  const lines = [...added, ...removed];
  const known =
    added.reduce((sum, line) => sum + (line.microEur ?? 0), 0) -
    removed.reduce((sum, line) => sum + (line.microEur ?? 0), 0);
  const unknown = lines
    .filter((line) => line.microEur === null)
    .map(({ what, basis }) => `${what}: ${basis}`);
  return `cost: cannot tell; ${withSign(known)} EUR a month of what can be told; ${unknown.join('; ')}`;
};

/** `+12.34` */
export const withSign = (microEur: number): string => `${microEur < 0 ? '' : '+'}${eurText(microEur)}`;
