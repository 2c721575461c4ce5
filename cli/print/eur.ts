import type { Cost } from '../../control-plane/costs/cost-line.js';

/** `12.34` of millionths of a euro. */
export const eurText = (microEur: number): string => (microEur / 1e6).toFixed(2);

/** `12.34`, or what is known of it. */
export const costText = ({ microEur, atLeastMicroEur }: Cost): string =>
  microEur === null ? `cannot tell, at least ${eurText(atLeastMicroEur)}` : eurText(microEur);
