import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { customerKeyOf } from '../../data-plane/keys/customer-held/envelope.js';
import { rewrapFor, wrapUnder } from '../../data-plane/keys/key-wraps.js';
import { usingKey } from '../../data-plane/keys/using-keys.js';
import type { Target } from '../protocol/provider/dependencies.js';
import { defineResource, type ServedResource } from '../protocol/provider/resource.js';
import { declareResource } from './declare.js';

const inputs = z.strictObject({
  tenantId: z.guid(),
  /** The tenant's cells, its home first. States of earlier versions name none. */
  cells: z.array(z.string()).default([]),
  /** The key that the customer holds, where it holds one. */
  customerKey: z.string().optional(),
});

type Wanted = Omit<z.infer<typeof inputs>, 'customerKey'> & { customerKey?: string | null | undefined };

export const TenantKey = declareResource(
  'ringfence:index:TenantKey',
  inputs,
  z.object({ version: z.number().int() }),
);

/**
 * `ringfence:index:TenantKey`: the tenant's own random key, wrapped under the root of each cell that has something of the
 * tenant, and under the key that the customer holds. Removal keeps the key, because backups need it; erasure destroys it.
 */
export const tenantKey = (
  target: Pick<Target, 'tenantKeys' | 'customerKeys' | 'keyRoot' | 'keyWraps' | 'rootKeyId' | 'reached'>,
): ServedResource => {
  const ensure = async ({ tenantId, cells, customerKey = null }: Wanted) => {
    const [home, ...others] = await Promise.all(cells.map((cell) => target.rootKeyId(cell)));
    if (home === undefined) throw new RingfenceError('internal', `tenant ${tenantId} has no cell`);
    await target.customerKeys.set(tenantId, customerKey);
    if ((await target.keyWraps.list(tenantId)).length === 0)
      await usingKey(target.tenantKeys.create(tenantId, home), () => undefined);
    await rewrapFor(target.keyRoot, target.keyWraps, tenantId, customerKey);
    await wrapUnder(target.keyRoot, target.keyWraps, tenantId, [home, ...others]);
    target.reached('tenant-key-created');
    return usingKey(target.tenantKeys.load(tenantId), ({ version }) => ({ version }));
  };
  /** The cells whose root wraps each version in use. */
  const wrappedFor = async (tenantId: string, cells: readonly string[]): Promise<string[]> => {
    const wraps = await target.keyWraps.list(tenantId);
    const versions = new Set(wraps.map(({ version }) => version)).size;
    const roots = await Promise.all(
      cells.map(async (cell) => ({ cell, rootKeyId: await target.rootKeyId(cell) })),
    );
    return roots
      .filter(({ rootKeyId }) => wraps.filter((wrap) => wrap.rootKeyId === rootKeyId).length === versions)
      .map(({ cell }) => cell);
  };
  /** A key that not all wraps have is none of a manifest, so it is drift. */
  const customerKeyFor = async (tenantId: string): Promise<string | undefined> => {
    const held = new Set((await target.keyWraps.list(tenantId)).map(({ wrapped }) => customerKeyOf(wrapped)));
    return held.size <= 1 ? [...held][0] : 'of some wraps only';
  };
  return defineResource({
    inputs,
    identity: ['tenantId'],
    id: ({ tenantId }) => `tenant-key/${tenantId}`,
    create: ensure,
    update: ensure,
    read: async ({ tenantId, cells }) => {
      try {
        const version = await usingKey(target.tenantKeys.load(tenantId), (key) => key.version);
        const customerKey = await customerKeyFor(tenantId);
        return { version, cells: await wrappedFor(tenantId, cells), ...(customerKey ? { customerKey } : {}) };
      } catch (error) {
        if (error instanceof RingfenceError && error.code === 'key_not_found') return undefined;
        throw error;
      }
    },
    remove: async () => undefined,
  });
};
