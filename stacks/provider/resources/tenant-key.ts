import { z } from 'zod';
import { RingfenceError } from '../../../tenants/errors.js';
import type { Target } from '../dependencies.js';
import { defineResource, type ServedResource } from '../resource.js';

/**
 * `ringfence:index:TenantKey`: the tenant's own random key, wrapped under its cell's root.
 * Removal keeps the key, because backups need it; erasure destroys it.
 */
export const tenantKey = (target: Target): ServedResource => {
  const ensure = async ({ tenantId, cell }: { tenantId: string; cell: string }) => {
    const key = await target.tenantKeys.create(tenantId, await target.rootKeyId(cell));
    target.reached('tenant-key-created');
    return { version: key.version };
  };
  return defineResource({
    inputs: z.strictObject({ tenantId: z.uuid(), cell: z.string() }),
    identity: ['tenantId', 'cell'],
    id: ({ tenantId }) => `tenant-key/${tenantId}`,
    create: ensure,
    update: ensure,
    read: async ({ tenantId }) => {
      try {
        return { version: (await target.tenantKeys.load(tenantId)).version };
      } catch (error) {
        if (error instanceof RingfenceError && error.code === 'key_not_found') return undefined;
        throw error;
      }
    },
    remove: async () => undefined,
  });
};
