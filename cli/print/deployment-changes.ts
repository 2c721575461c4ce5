import type { DeploymentChange } from '../../control-plane/deployments/list-deployments.js';

const shown = (value: unknown): string => (value === undefined ? '(not there)' : JSON.stringify(value));

/** A line for each value that differs. */
export const describeInputChanges = (changes: readonly DeploymentChange[]): string =>
  changes.map(({ path, before, after }) => `${path}: ${shown(before)} -> ${shown(after)}\n`).join('');
