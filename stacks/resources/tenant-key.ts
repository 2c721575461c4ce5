import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { usingKey } from '../../data-plane/keys/using-keys.js';
import type { Target } from '../protocol/provider/dependencies.js';
import { defineResource, type ServedResource } from '../protocol/provider/resource.js';
import { declareResource } from './declare.js';

const inputs = z.strictObject({ tenantId: z.uuid(), cell: z.string() });

export const TenantKey = declareResource(
  'ringfence:index:TenantKey',
  inputs,
  z.object({ version: z.number().int() }),
);

/**
 * `ringfence:index:TenantKey`: the tenant's own random key, wrapped under its cell's root.
 * Removal keeps the key, because backups need it; erasure destroys it.
 */
export const tenantKey = (target: Pick<Target, 'tenantKeys' | 'rootKeyId' | 'reached'>): ServedResource => {
  const ensure = async ({ tenantId, cell }: z.infer<typeof inputs>) => {
    const created = target.tenantKeys.create(tenantId, await target.rootKeyId(cell));
    return usingKey(created, ({ version }) => {
      target.reached('tenant-key-created');
      return { version };
    });
  };
  return defineResource({
    inputs,
    identity: ['tenantId', 'cell'],
    id: ({ tenantId }) => `tenant-key/${tenantId}`,
    create: ensure,
    update: ensure,
    read: async ({ tenantId }) => {
      try {
        return await usingKey(target.tenantKeys.load(tenantId), ({ version }) => ({ version }));
      } catch (error) {
        if (error instanceof RingfenceError && error.code === 'key_not_found') return undefined;
        throw error;
      }
    },
    remove: async () => undefined,
  });
};
