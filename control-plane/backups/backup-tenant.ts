import { randomUUID } from 'node:crypto';
import { archiveObjectKey } from '../../data-plane/backup/archive/in-store.js';
import { isBrokenBackup } from '../../data-plane/backup/broken.js';
import { type BackupResult, takeBackup } from '../../data-plane/backup/tenant/take.js';
import { verifyBackup } from '../../data-plane/backup/tenant/verify.js';
import { assertKeysFit } from '../../data-plane/keys/rotation/probe-fields.js';
import type { TenantKey } from '../../data-plane/keys/tenant-key.js';
import { usingKey } from '../../data-plane/keys/using-keys.js';
import { removedOrLocked } from '../../data-plane/objects/removed-or-locked.js';
import { cellAccess } from '../cells/cell-access.js';
import { ensureKeyCopies } from '../keys/copied-keys.js';
import { probeKeys } from '../keys/probe-keys.js';
import { refuseWhileFenced } from '../operation/refuse-while-moving.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';
import { describeTenant } from '../tenants/tenant-description.js';
import { previousBackup } from './bases.js';
import {
  type BackupRecord,
  listAbandonedBackups,
  listBackups,
  recordBackupExpired,
  recordBackupFailed,
  recordBackupStart,
  recordBackupStored,
  recordBackupVerified,
} from './store.js';

/** A new backup that was proved by a restore into a scratch schema. */
export interface BackupSummary {
  readonly id: string;
  /** An incremental backup refers to earlier ones for unchanged data. */
  readonly kind: 'full' | 'incremental';
  readonly rows: number;
  readonly storedBytes: number;
  readonly digest: string;
  readonly verified: true;
}

export interface BackupOptions {
  /** Refer to no earlier backup. */
  readonly full?: boolean;
}

/**
 * Takes a backup and restores it into a scratch schema. The backup counts only when the digests agree (docs/threats.md 28).
 * The caller holds the tenant's lock.
 */
export const backUpAndVerify = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  options: BackupOptions = {},
): Promise<BackupSummary> => {
  await refuseWhileFenced(runtime.control, tenant.id);
  return usingKey(runtime.target.tenantKeys.load(tenant.id), (key) =>
    backUpUnder(key, runtime, tenant, options),
  );
};

const backUpUnder = async (
  key: TenantKey,
  runtime: Runtime,
  tenant: RegisteredTenant,
  options: BackupOptions,
): Promise<BackupSummary> => {
  const { objects } = runtime.target;
  const { place, lockDays } = objects;
  const store = objects.at(place, tenant.cell);
  await removeAbandoned(runtime, tenant);
  const access = await cellAccess(runtime, tenant.cell);
  const id = randomUUID();
  const objectKey = archiveObjectKey(tenant.id, id);
  const of = { tenantId: tenant.id, cell: tenant.cell, place, keyVersion: key.version, now: runtime.now() };
  // A locked backup refers to no other one: the lock of the other would end first.
  const rootKeyId = await runtime.target.rootKeyId(tenant.cell);
  await ensureKeyCopies(runtime.control, store, { tenantId: tenant.id, rootKeyId });
  const isFull = options.full === true || lockDays !== undefined;
  const previous = isFull ? undefined : await previousBackup(runtime.control, of);
  await recordBackupStart(runtime.control, {
    id,
    tenantId: tenant.id,
    cell: tenant.cell,
    keyVersion: key.version,
    place,
    objectKey,
  });
  runtime.reached('backup-begun');
  const about = await describeTenant(runtime.control, tenant.id);
  const result = await takeOrRecordFailure(runtime, id, {
    about,
    ...access,
    tenantId: tenant.id,
    key,
    store,
    objectKey,
    backupId: id,
    previous,
    ...(lockDays === undefined ? {} : { retainDays: lockDays }),
    now: runtime.now,
  });
  await recordBackupStored(runtime.control, id, result);
  runtime.reached('backup-stored');
  assertKeysFit(await probeKeys(runtime, tenant));
  await verifyBackup({ admin: access.admin, tenantId: tenant.id, key, store, objectKey, backupId: id });
  await recordBackupVerified(runtime.control, id);
  runtime.reached('backup-verified');
  const { rows, storedBytes, digest, bases } = result;
  return { id, kind: bases.length > 0 ? 'incremental' : 'full', rows, storedBytes, digest, verified: true };
};

/** Removes the remains of killed runs. An object that is locked already is no backup; pruning removes it after its lock. */
const removeAbandoned = async ({ control, target }: Runtime, tenant: RegisteredTenant): Promise<void> => {
  for (const { id, place, cell, objectKey } of await listAbandonedBackups(control, tenant.id)) {
    const removed = await removedOrLocked(target.objects.at(place, cell), objectKey);
    await (removed ? recordBackupFailed : recordBackupExpired)(control, id);
  }
};

/** A backup that cannot be taken is marked as failed at once. Only a killed run leaves a running one. */
const takeOrRecordFailure = async (
  runtime: Runtime,
  id: string,
  options: Parameters<typeof takeBackup>[0],
): Promise<BackupResult> => {
  try {
    return await takeOnSoundBase(runtime, options);
  } catch (error) {
    await recordBackupFailed(runtime.control, id);
    throw error;
  }
};

/** When the base of the new backup is gone or damaged, the base counts as lost and the new backup refers to none. */
const takeOnSoundBase = async (
  runtime: Runtime,
  options: Parameters<typeof takeBackup>[0],
): Promise<BackupResult> => {
  const { previous, ...whole } = options;
  if (!previous) return takeBackup(options);
  try {
    return await takeBackup(options);
  } catch (error) {
    if (!isBrokenBackup(error)) throw error;
    const result = await takeBackup({ ...whole, previous: undefined });
    await recordBackupFailed(runtime.control, previous.backupId);
    return result;
  }
};

/** The newest verified backup, where there is one. */
export const lastVerifiedBackup = async (
  runtime: Runtime,
  tenantId: string,
): Promise<BackupRecord | undefined> =>
  (await listBackups(runtime.control, tenantId)).find((backup) => backup.state === 'verified');
