import pg from 'pg';
import { RingfenceError } from '../../../tenants/errors.js';
import { type Connection, withConnection } from '../../database/connect.js';
import type { OpenArchive } from '../archive/reader.js';
import { applyRestore, type WrittenRows } from './apply-restore.js';
import { readCatalogue } from './catalogue.js';
import { digestSection } from './digest.js';
import { assertNothingHeld } from './held-rows.js';
import { keepMissingParents } from './missing-parents.js';
import { type PlannedTable, planRestore } from './restore-plan.js';
import { loadScratch } from './scratch.js';
import { tableSection } from './sections.js';
import type { ArchivePlace } from './take.js';
import { openBackup, summariseBackup } from './verify.js';
import { countClinics } from './visible-rows.js';

const LOCK_TIMEOUT_DEFAULT_MS = 30_000;

/** What a restore did to a table; `live` = `updated` + `deleted` + `unchanged`. All are numbers of rows. */
interface TableRestore extends WrittenRows {
  /** `schema.table` */
  readonly table: string;
  readonly inBackup: number;
  /** Of the backup's clinics, before the restore. */
  readonly live: number;
  readonly unchanged: number;
}

export interface RestoreReport {
  /** The backup's, as `takeBackup` returned it. */
  readonly digest: string;
  /** The chosen tables, and others that missing rows came back to; parents before children. */
  readonly tables: readonly TableRestore[];
}

/**
 * Brings a tenant's rows back to what they were when the backup was taken: all of them or chosen tables, in one
 * transaction, or, as a dry run, the same with a rollback at the end.
 *
 * Only rows of the backup's clinics are read or written; clinics that were opened since are left alone. `RestoreMode`
 * says what is done to a table. Chosen tables are closed over foreign keys: rows that they refer to and that are
 * missing come back too. Everything is checked before the first row is written, and once it is written, each replaced
 * table is read again and must have the digest that it has in the backup.
 *
 * Other tenants read and write meanwhile. This tenant's clinics are locked from the comparison on, which makes its
 * inserts wait (each needs its clinic's row) but not its updates; one that gets between fails the restore.
 *
 * @param options.admin an administrator whom row-level security does not bind.
 * @param options.tables `schema.table`; default: all of the backup.
 * @throws RingfenceError, and nothing is changed: backup_refused as `verifyBackup`; usage for a table that the backup
 *   has not; conflict, naming the tables to add, when rows of others refer to rows that would go, or when a constraint
 *   or a trigger does not let the rows be as they were; tenant_busy when the tenant's own work is in the way.
 */
export const restoreBackup = async (
  options: ArchivePlace & {
    readonly admin: Connection;
    readonly tables?: readonly string[];
    readonly dryRun: boolean;
    /** How long the tenant's own work may be in the way. Default 30 seconds. */
    readonly lockTimeoutMs?: number;
  },
): Promise<RestoreReport> => {
  const archive = await openBackup(options);
  return withConnection(options.admin, async (client) => {
    await client.query('SET row_security = off');
    await client.query(`SELECT set_config('lock_timeout', $1, false)`, [
      `${options.lockTimeoutMs ?? LOCK_TIMEOUT_DEFAULT_MS}ms`,
    ]);
    await client.query('BEGIN');
    try {
      const tables = await restoreTables(client, archive, options.tables);
      await client.query(options.dryRun ? 'ROLLBACK' : 'COMMIT');
      return { digest: summariseBackup(archive).digest, tables };
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw translateRefusal(error);
    }
  });
};

const restoreTables = async (
  client: pg.Client,
  archive: OpenArchive,
  chosen: readonly string[] | undefined,
): Promise<TableRestore[]> => {
  const catalogue = await readCatalogue(client);
  const inBackup = new Set(
    catalogue.tables
      .map(({ name }) => name)
      .filter((name) => archive.manifest.sections.some((section) => section.name === name)),
  );
  const plan = planRestore(catalogue, inBackup, chosen);
  const { clinicIds, tables: loaded } = await loadScratch(client, archive, catalogue, new Set(plan.keys()));
  const tables = loaded.map((table) => ({ ...table, mode: plan.get(table.table.name) ?? 'parents' }));

  await client.query('SELECT FROM ringfence.clinics WHERE id = ANY ($1) ORDER BY id FOR UPDATE', [clinicIds]);
  await keepMissingParents(client, tables, catalogue.foreignKeys);
  await assertNothingHeld(client, tables, catalogue, clinicIds);
  const live = await countClinics(
    client,
    tables.map(({ table }) => table),
    clinicIds,
  );
  const written = await applyRestore(client, tables, clinicIds);
  await assertAsInBackup(client, tables, clinicIds);

  return tables.flatMap(({ table: { name }, section, mode }, at) => {
    const { inserted, updated, deleted } = written[at] ?? { inserted: 0, updated: 0, deleted: 0 };
    if (mode === 'parents' && inserted === 0) return [];
    const before = live.get(name) ?? 0;
    const unchanged = before - updated - deleted;
    return [{ table: name, inBackup: section.rows, live: before, inserted, updated, deleted, unchanged }];
  });
};

const assertAsInBackup = async (
  client: pg.Client,
  tables: readonly PlannedTable[],
  clinicIds: readonly string[],
): Promise<void> => {
  for (const { table, section, mode } of tables) {
    if (mode !== 'replace') continue;
    const columns = section.columns;
    const { sha256 } = await digestSection(client, tableSection({ ...table, columns }, clinicIds));
    if (sha256 === section.sha256) continue;
    throw new RingfenceError(
      'conflict',
      `After the restore ${table.name} would not be as it was in the backup`,
      {
        fix: 'Suspend the tenant and try again; if it stays so, a trigger of the table changes what is written.',
      },
    );
  }
};

const BUSY = new Set(['40001', '40P01', '55P03']);

const translateRefusal = (error: unknown): unknown => {
  if (!(error instanceof pg.DatabaseError)) return error;
  if (BUSY.has(error.code ?? '')) {
    return new RingfenceError('tenant_busy', 'The tenant’s own work is in the way of the restore', {
      fix: 'Suspend the tenant, or try again when it has less to do.',
      cause: error,
    });
  }
  if (!error.code?.startsWith('23')) return error;
  const place = `${error.schema ?? '?'}.${error.table ?? '?'}`;
  return new RingfenceError(
    'conflict',
    `The constraint ${error.constraint ?? error.column ?? '?'} of ${place} does not let the rows be as in the backup`,
    { fix: `Restore ${place} as well, and the tables that it refers to.`, cause: error },
  );
};
