import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { RingfenceError } from '../../../../core/errors.js';
import { type NewFiles, newFiles } from '../../../../core/files/new-files.js';
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
 * they are; its clinics are told. They appear when all are whole; a
 * run that fails or is killed leaves none.
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
  let files: NewFiles | undefined;
  try {
    return await inRestore(source, async (restore) => {
      const copies = tablesToCopy(restore).map((planned) => ({
        planned,
        place: join(folder, `${tableFile(planned.table.name)}.csv`),
      }));
      const tables = await auditCopies(restore, source, 'file', copies);
      const { changes } = restore;
      if (source.dryRun) return { tables, changes };
      requireFree(copies.map(({ place }) => place));
      files = newFiles(folder);
      for (const { planned, place } of copies) {
        const { table, scratch } = planned;
        const rows = `SELECT ${columnList(table.columns)} FROM ${scratch} ORDER BY ${keyOrder(table)}`;
        await writeCsv(restore.client, rows, join(files.draft, basename(place)));
      }
      files.appear();
      return { tables, changes };
    });
  } catch (error) {
    files?.takeBack();
    throw translateFileError(error);
  } finally {
    files?.discard();
  }
};

const requireFree = (paths: readonly string[]): void => {
  const taken = paths.find((path) => existsSync(path));
  if (taken !== undefined) throw fileFault(taken, 'exists already');
};

const writeCsv = async (client: pg.Client, query: string, path: string): Promise<void> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await pipeline(copyCsv(client, query), file.createWriteStream());
  } catch (error) {
    // The server still sends, so the connection takes no other statement.
    await client.end();
    throw error;
  }
};

const translateFileError = (error: unknown): unknown => {
  const cause = (error as { cause?: unknown }).cause ?? error;
  const { code, syscall, path } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC')
    return new RingfenceError('disk_full', 'the disk of the output folder is full', { cause });
  const place = syscall === 'link' ? (cause as { dest?: string }).dest : path;
  if (place === undefined || !['open', 'mkdir', 'link', 'rename'].includes(syscall ?? '')) return error;
  return fileFault(
    place,
    code === 'EEXIST' && syscall === 'link' ? 'exists already' : 'cannot be written',
    cause,
  );
};

const fileFault = (path: string, what: string, cause?: unknown): RingfenceError =>
  new RingfenceError('usage', `${path} ${what}`, {
    fix: 'name a new folder with --out',
    ...(cause === undefined ? {} : { cause }),
  });
