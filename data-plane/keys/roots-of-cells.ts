import { RingfenceError } from '../../core/errors.js';
import type { KeyRoot } from './key-root.js';

/**
 * The key roots of cells as one: each cell has its own, and what is wrapped is opened by the one that knows its root key.
 * @param of the key root of a cell.
 * @param all every key root that there is.
 */
export const rootsOfCells = (of: (cell: string) => Promise<KeyRoot>, all: readonly KeyRoot[]): KeyRoot => {
  const knowing = (rootKeyId: string): KeyRoot => {
    const root = all.find((one) => one.knows(rootKeyId));
    if (root) return root;
    throw new RingfenceError('key_not_found', `no key root of this project knows the root key ${rootKeyId}`, {
      fix: 'use the version of Ringfence, and the credentials, that the cell was made with',
    });
  };
  return {
    name: all.map(({ name }) => name).join(', '),
    knows: (rootKeyId) => all.some((one) => one.knows(rootKeyId)),
    ensureRoot: async (cell, options) => (await of(cell)).ensureRoot(cell, options),
    wrap: async (rootKeyId, key, context) => knowing(rootKeyId).wrap(rootKeyId, key, context),
    unwrap: async (rootKeyId, wrapped, context) => knowing(rootKeyId).unwrap(rootKeyId, wrapped, context),
    scheduleRootDeletion: async (rootKeyId) => knowing(rootKeyId).scheduleRootDeletion(rootKeyId),
    whereabouts: async (rootKeyId) => knowing(rootKeyId).whereabouts(rootKeyId),
  };
};
