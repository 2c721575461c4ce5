import type { Difference } from './defences.js';

export const describeDifference = ({ kind, object, problem }: Difference): string =>
  `${kind} ${object} ${problem}`;
