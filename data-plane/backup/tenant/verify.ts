import { type Connection, inTransaction, withConnection } from '../../database/connect.js';
import { deriveKey } from '../../keys/derive-key.js';
import { archiveObjectKey, storedArchive } from '../archive/in-store.js';
import { type OpenArchive, openArchive } from '../archive/reader.js';
import { refused } from '../archive/refused.js';
import { readBackupTables } from './catalogue.js';
import { openContents } from './contents.js';
import { digestSection, summarise } from './digest.js';
import { columnList } from './identifiers.js';
import { scratchLoader } from './scratch.js';
import { keyOrder } from './sections.js';
import type { ArchivePlace } from './take.js';

/** Opens the archive of a tenant's backup; all of it, and what it refers to, is read and checked first. */
export const openBackup = ({
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
 * @throws RingfenceError backup_refused when the archive is damaged, foreign or altered, holds what this cell has not,
 *   or comes out otherwise than it went in; backup_not_found.
 */
export const verifyBackup = async (
  options: ArchivePlace & { readonly admin: Connection },
): Promise<{ readonly digest: string; readonly rows: number }> => {
  const archive = await openBackup(options);
  await withConnection(options.admin, async (client) => {
    await client.query('SET row_security = off');
    await inTransaction(client, async () => {
      const tables = await readBackupTables(client);
      const everything = new Set(tables.map(({ name }) => name));
      const contents = await openContents(client, archive, tables, everything);
      const load = scratchLoader(client, archive, contents);
      for (const backedUp of contents.tables) {
        const { table, section, scratch } = await load(backedUp);
        const { columns } = section;
        const { sha256 } = await digestSection(client, {
          name: table.name,
          columns,
          query: `SELECT ${columnList(columns)} FROM ${scratch} ORDER BY ${keyOrder(table)}`,
        });
        if (sha256 !== section.sha256)
          throw refused(`section ${table.name} comes out otherwise than it went in`);
        await client.query(`DROP TABLE ${scratch}`);
      }
    });
  });
  return summariseBackup(archive);
};
