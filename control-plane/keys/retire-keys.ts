import { withConnection } from '../../data-plane/database/connect.js';
import { countStale } from '../../data-plane/keys/rotation/reseal.js';
import { readSealedTables } from '../../data-plane/keys/rotation/sealed-tables.js';
import { forgottenAt } from '../cells/cell-history.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';
import { type OlderKeyVersion, olderKeyVersions, recordSuperseded } from './key-retirement.js';

/** The outcome for a former version of a tenant's key. */
export interface RetiredKey {
  readonly version: number;
  readonly state: 'needed' | 'waiting' | 'destroyed';
  /** Rows whose fields are sealed under it or an older one: `keys rotate` seals them again. */
  readonly rows: number;
  /** Backups that need it; they go as their retention ends. */
  readonly backups: number;
  /** The time until which the history of the cell may hold rows that need it. */
  readonly waitsUntil: Date | null;
  readonly destroyedAt: Date | null;
}

/**
 * Destroys the former versions of a tenant's key that nothing needs any more: no field, no kept backup, no moment that the
 * cell can be brought back to. The caller holds the tenant's lock, so that no restore brings fields of a former version
 * back meanwhile.
 */
export const retireKeys = async (runtime: Runtime, tenant: RegisteredTenant): Promise<RetiredKey[]> => {
  const retired: RetiredKey[] = [];
  for (const key of await olderKeyVersions(runtime.control, tenant.id))
    retired.push(await retireKey(runtime, tenant, key));
  return retired;
};

const retireKey = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  known: OlderKeyVersion,
): Promise<RetiredKey> => {
  const { control, target } = runtime;
  const { version, destroyedAt } = known;
  const none = { version, rows: 0, backups: 0, waitsUntil: null, destroyedAt: null };
  if (destroyedAt) return { ...none, state: 'destroyed', destroyedAt };
  const rows = await withConnection(await target.adminConnection(tenant.cell), async (client) =>
    countStale(client, await readSealedTables(client), tenant.id, version + 1),
  );
  await recordSuperseded(control, tenant.id, version, rows > 0 ? null : runtime.now());
  const now = (await olderKeyVersions(control, tenant.id)).find((key) => key.version === version) ?? known;
  if (rows > 0 || now.supersededAt === null || now.backups > 0)
    return { ...none, state: 'needed', rows, backups: now.backups };
  const waitsUntil = await forgottenAt(runtime, tenant.cell, now.supersededAt);
  if (waitsUntil > runtime.now()) return { ...none, state: 'waiting', waitsUntil };
  return { ...none, state: 'destroyed', destroyedAt: await target.tenantKeys.destroy(tenant.id, version) };
};
