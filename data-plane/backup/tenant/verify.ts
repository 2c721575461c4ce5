import { type Connection, inTransaction, withConnection } from '../../database/connect.js';
import { deriveKey } from '../../keys/derive-key.js';
import { archiveObjectKey, storedArchive } from '../archive/in-store.js';
import type { ArchiveSection } from '../archive/manifest.js';
import { type OpenArchive, openArchive } from '../archive/reader.js';
import { refused } from '../archive/refused.js';
import { readBackupTables } from './catalogue.js';
import { openContents } from './contents.js';
import { digestSection, summarise } from './digest.js';
import { columnList } from './identifiers.js';
import { loadRaw, scratchLoader } from './scratch.js';
import { keyOrder } from './sections.js';
import type { ArchivePlace } from './take.js';

/** Opens the archive of a tenant's backup; all of it, and what it refers to, is read and checked first. */
export const openTenantArchive = ({
  store,
  objectKey,
  tenantId,
  backupId,
  key,
}: ArchivePlace): Promise<OpenArchive> =>
  openArchive({
    source: storedArchive(store, objectKey),
    key: deriveKey(key, { purpose: 'backup' }),
    expected: { tenantId, backupId },
    sourceOf: (base) => storedArchive(store, archiveObjectKey(tenantId, base)),
  });

/** The digest of a backup as `takeBackup` returned it, and its rows. */
export const summariseBackup = ({
  manifest,
}: OpenArchive): { readonly digest: string; readonly rows: number } => {
  const { digest, rows } = summarise(
    manifest.sections.map(({ name, ...section }) => ({ table: name, ...section })),
  );
  return { digest, rows };
};

/**
 * Proves that a backup can be restored: restores it into temporary tables, reads it out of them again and compares.
 * Nothing of the tenant is touched, and nothing is left, also after a crash.
 *
 * @param options.admin an administrator whom row-level security does not bind.
 * @returns the digest that `takeBackup` returned.
 * @throws RingfenceError backup_refused when the archive is damaged, foreign or altered, or comes out otherwise than it
 *   went in; backup_not_found. A backup of a schema that the cell had before verifies.
 */
export const verifyBackup = async (
  options: ArchivePlace & { readonly admin: Connection },
): Promise<{ readonly digest: string; readonly rows: number }> => {
  const archive = await openTenantArchive(options);
  await withConnection(options.admin, async (client) => {
    await client.query('SET row_security = off');
    await inTransaction(client, async () => {
      const tables = await readBackupTables(client);
      const everything = new Set(tables.map(({ name }) => name));
      const contents = await openContents(client, archive, tables, everything);
      const { clinicIds } = contents;
      const load = scratchLoader(client, archive, contents);
      const assertSame = async (section: ArchiveSection, from: string, order: string): Promise<void> => {
        const { name, columns } = section;
        const query = `SELECT ${columnList(columns)} FROM ${from} ORDER BY ${order}`;
        const { sha256 } = await digestSection(client, { name, columns, query });
        if (sha256 !== section.sha256) throw refused(`section ${name} comes out otherwise than it went in`);
        await client.query(`DROP TABLE ${from}`);
      };
      for (const backedUp of contents.tables.filter(({ shape }) => shape.changes.length === 0)) {
        const { table, section, scratch } = await load(backedUp);
        await assertSame(section, scratch, keyOrder(table));
      }
      // Of another schema than the cell has now: as it was, in the order that it was in.
      const changed = contents.tables.filter(({ shape }) => shape.changes.length > 0);
      for (const { section, shape } of changed)
        await assertSame(section, await loadRaw(client, archive, section, clinicIds, shape.readAs), 'ctid');
      for (const section of contents.gone)
        await assertSame(section, await loadRaw(client, archive, section, clinicIds, new Map()), 'ctid');
    });
  });
  return summariseBackup(archive);
};
