import { type BackupRecord, listBackups } from '../backups/store.js';
import type { Runtime } from '../runtime.js';
import { listRemovedTenants, type RegisteredTenant } from '../tenants/store.js';

/** A tenant that was removed and not erased. */
export interface RemovedTenant
  extends Pick<RegisteredTenant, 'slug' | 'id' | 'legalName' | 'cell' | 'removedAt'> {
  /** The backup that brings it back; null for a tenant without rows. */
  readonly finalBackup: BackupRecord | null;
  readonly backups: number;
}

/** Those that can be brought back. */
export const listRemovedWithBackups = async ({ control }: Runtime): Promise<RemovedTenant[]> =>
  Promise.all(
    (await listRemovedTenants(control)).map(async ({ id, slug, legalName, cell, removedAt, finalBackup }) => {
      const backups = await listBackups(control, id);
      const final = backups.find((backup) => backup.id === finalBackup) ?? null;
      return { slug, id, legalName, cell, removedAt, finalBackup: final, backups: backups.length };
    }),
  );
