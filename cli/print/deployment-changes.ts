import type { ManifestChange } from '../../control-plane/deployments/diff-manifests.js';

const shown = (value: unknown): string => (value === undefined ? '(not there)' : JSON.stringify(value));

/** A line for each value that differs. */
export const describeInputChanges = (changes: readonly ManifestChange[]): string =>
  changes.map(({ path, before, after }) => `${path}: ${shown(before)} -> ${shown(after)}\n`).join('');
