import type { ResourceChange } from '../engine/run/change.js';
import type { Difference } from './drift.js';

/** What an engine that has looked at the real resources would do to have them as they were deployed. */
export const differencesIn = (changes: readonly ResourceChange[]): Difference[] =>
  changes.flatMap(({ action, type, name, changed }): Difference[] => {
    if (action === 'same' || action === 'read' || action === 'refresh') return [];
    return [{ kind: action === 'create' ? 'missing' : 'changed', what: `${type} ${name}`, parts: changed }];
  });
