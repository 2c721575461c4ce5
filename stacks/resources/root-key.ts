import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import type { Target } from '../protocol/provider/dependencies.js';
import { defineResource, type ServedResource } from '../protocol/provider/resource.js';
import { declareResource } from './declare.js';

const inputs = z.strictObject({ cell: z.string() });

export const RootKey = declareResource(
  'ringfence:index:RootKey',
  inputs,
  z.object({ rootKeyId: z.string() }),
);

/** `ringfence:index:RootKey`: the key that wraps the keys of a cell's tenants. Output: rootKeyId. */
export const rootKey = (
  target: Pick<Target, 'keyRoot' | 'rootOfCell' | 'hadRootKey' | 'refuseInhabited'>,
): ServedResource =>
  defineResource({
    inputs,
    identity: ['cell'],
    id: ({ cell }) => `root-key/${cell}`,
    create: async ({ cell }) => {
      const mayCreate = !(await target.hadRootKey(cell));
      return { rootKeyId: await target.keyRoot.ensureRoot(cell, { mayCreate }) };
    },
    update: async ({ cell }) => ({ rootKeyId: await target.keyRoot.ensureRoot(cell, { mayCreate: false }) }),
    read: async ({ cell }) => ({ rootKeyId: await target.keyRoot.ensureRoot(cell, { mayCreate: false }) }),
    remove: async ({ cell }) => {
      await target.refuseInhabited(cell);
      try {
        const root = await target.rootOfCell(cell);
        await root.scheduleRootDeletion(await root.ensureRoot(cell, { mayCreate: false }));
      } catch (error) {
        const gone =
          error instanceof RingfenceError && ['keyring_missing', 'key_not_found'].includes(error.code);
        if (!gone) throw error;
      }
    },
  });
