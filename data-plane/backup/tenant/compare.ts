import type { Connection } from '../../database/connect.js';
import { tenantDigest } from './digest.js';
import { CLINICS_SECTION, COLUMNS_SECTION } from './sections.js';
import type { ArchivePlace } from './take.js';
import { openTenantArchive } from './verify.js';

/** Restores add an event to it. */
const AUDIT_LOG = 'clinical.audit_events';

/**
 * Compares a tenant's rows with a backup, table by table, by their digests; the audit log, which tells of the restore, is
 * left out. @returns names of the tables that differ, and of those that the cell has not.
 */
export const compareWithBackup = async (
  admin: Connection,
  backup: ArchivePlace,
): Promise<{ readonly different: readonly string[]; readonly missing: readonly string[] }> => {
  const { manifest } = await openTenantArchive(backup);
  const { tables } = await tenantDigest(admin, backup.tenantId);
  const live = new Map(tables.map(({ table, sha256 }) => [table, sha256]));
  const sections = manifest.sections.filter(
    ({ name }) => ![CLINICS_SECTION, COLUMNS_SECTION, AUDIT_LOG].includes(name),
  );
  return {
    different: sections.flatMap(({ name, sha256 }) =>
      live.has(name) && live.get(name) !== sha256 ? [name] : [],
    ),
    missing: sections.flatMap(({ name }) => (live.has(name) ? [] : [name])),
  };
};
