import pg from 'pg';
import { RingfenceError } from '../../../tenants/errors.js';
import { type Connection, withConnection } from '../../database/connect.js';
import type { OpenArchive } from '../archive/reader.js';
import { type Catalogue, readCatalogue } from './catalogue.js';
import { planRestore, type RestoreSelection } from './restore-plan.js';
import { narrowToScope, type Scope } from './scope.js';
import { loadScratch } from './scratch.js';
import type { ArchivePlace } from './take.js';
import { openBackup } from './verify.js';

const LOCK_TIMEOUT_DEFAULT_MS = 30_000;

/** A backup and which of its rows are wanted. */
export interface RestoreSource extends ArchivePlace, RestoreSelection {
  /** An administrator whom row-level security does not bind. */
  readonly admin: Connection;
  /** The backup was taken for this restore from a copy of the cell as it was then; clinics are told the time. */
  readonly pointInTime?: Date;
  /** Rolls back at the end. */
  readonly dryRun: boolean;
  /** How long the tenant's own work may be in the way. Default 30 seconds. */
  readonly lockTimeoutMs?: number;
}

/** A verified backup, loaded and narrowed to the scope, in a transaction of the cell. */
export interface Restore {
  readonly client: pg.Client;
  readonly archive: OpenArchive;
  readonly catalogue: Catalogue;
  readonly scope: Scope;
}

/**
 * Reads and verifies the whole backup, loads the tables that the selection needs into temporary tables, narrows them to
 * the scope, and runs `work`, in one transaction.
 *
 * The tenant's clinics in the scope are locked meanwhile, which makes its inserts wait (each needs its clinic's row) but
 * not its updates.
 *
 * @throws RingfenceError, and nothing is changed: backup_refused as `verifyBackup`; usage and clinic_not_found as
 *   `planRestore` and `narrowToScope`; conflict when a constraint does not let the rows be as they were; tenant_busy
 *   when the tenant's own work is in the way.
 */
export const inRestore = async <T>(
  source: RestoreSource,
  work: (restore: Restore) => Promise<T>,
): Promise<T> => {
  const archive = await openBackup(source);
  return withConnection(source.admin, async (client) => {
    await client.query('SET row_security = off');
    await client.query(`SELECT set_config('lock_timeout', $1, false)`, [
      `${source.lockTimeoutMs ?? LOCK_TIMEOUT_DEFAULT_MS}ms`,
    ]);
    await client.query('BEGIN');
    try {
      const result = await work(await loadScope(client, archive, source));
      await client.query(source.dryRun ? 'ROLLBACK' : 'COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw translateRefusal(error);
    }
  });
};

const loadScope = async (
  client: pg.Client,
  archive: OpenArchive,
  selection: RestoreSelection,
): Promise<Restore> => {
  const catalogue = await readCatalogue(client);
  const inBackup = new Set(
    catalogue.tables
      .map(({ name }) => name)
      .filter((name) => archive.manifest.sections.some((section) => section.name === name)),
  );
  const plan = planRestore(catalogue, inBackup, selection);
  const scratch = await loadScratch(client, archive, catalogue, new Set(plan.keys()));
  const locked = selection.clinicIds ?? scratch.clinicIds;
  await client.query('SELECT FROM ringfence.clinics WHERE id = ANY ($1) ORDER BY id FOR UPDATE', [locked]);
  return {
    client,
    archive,
    catalogue,
    scope: await narrowToScope(client, scratch, plan, catalogue, selection),
  };
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
    { fix: `Restore all of ${place} as well, and the tables that it refers to.`, cause: error },
  );
};
