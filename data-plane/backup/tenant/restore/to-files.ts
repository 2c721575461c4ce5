import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { RingfenceError } from '../../../../tenants/errors.js';
import { tableFile } from '../../../database/table-name.js';
import { copyCsv } from '../copy.js';
import { columnList } from '../identifiers.js';
import { keyOrder } from '../sections.js';
import type { SchemaChange } from '../shape.js';
import { auditCopies, type CopiedTable, tablesToCopy } from './copied-rows.js';
import { inRestore, type RestoreSource } from './in-restore.js';

/**
 * Writes the rows of the scope, as they are in the backup, into one CSV file a table (named as `tableFile` says, with a
 * header, rows by primary key) that only its owner may read. Sealed columns stay sealed. The tenant's own rows stay as
 * they are; its clinics are told. Files that were written go again when anything fails.
 *
 * @param source a dry run writes no file.
 * @param folder made where it is not there; files that are there are never overwritten.
 * @throws RingfenceError as `inRestore`; usage for a folder that cannot be written or a file that is there already;
 *   disk_full.
 */
export const restoreToFiles = async (
  source: RestoreSource,
  folder: string,
): Promise<{ readonly tables: readonly CopiedTable[]; readonly changes: readonly SchemaChange[] }> => {
  const written: string[] = [];
  const write = async (client: pg.Client, query: string, path: string): Promise<void> => {
    const file = await open(path, 'wx', 0o600);
    written.push(path);
    try {
      await pipeline(copyCsv(client, query), file.createWriteStream());
    } catch (error) {
      // The server still sends, so the connection takes no other statement.
      await client.end();
      throw error;
    }
  };
  try {
    return await inRestore(source, async (restore) => {
      const copies = tablesToCopy(restore).map((planned) => ({
        planned,
        place: join(folder, `${tableFile(planned.table.name)}.csv`),
      }));
      const tables = await auditCopies(restore, source, 'file', copies);
      const { changes } = restore;
      if (source.dryRun) return { tables, changes };
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const { planned, place } of copies) {
        const { table, scratch } = planned;
        const rows = `SELECT ${columnList(table.columns)} FROM ${scratch} ORDER BY ${keyOrder(table)}`;
        await write(restore.client, rows, place);
      }
      return { tables, changes };
    });
  } catch (error) {
    for (const path of written) await rm(path, { force: true });
    throw translateFileError(error);
  }
};

const translateFileError = (error: unknown): unknown => {
  const cause = (error as { cause?: unknown }).cause ?? error;
  const { code, syscall, path } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC')
    return new RingfenceError('disk_full', 'The disk of the output folder is full', { cause });
  if (path === undefined || !['open', 'mkdir'].includes(syscall ?? '')) return error;
  return new RingfenceError(
    'usage',
    `${path} ${code === 'EEXIST' ? 'exists already' : 'cannot be written'}`,
    {
      fix: 'Name a new folder with --out.',
      cause,
    },
  );
};
