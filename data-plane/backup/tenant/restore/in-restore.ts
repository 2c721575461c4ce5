import pg from 'pg';
import type { Caller } from '../../../../core/caller.js';
import { RingfenceError } from '../../../../core/errors.js';
import { type Connection, withConnection } from '../../../database/connect.js';
import type { OpenArchive } from '../../archive/reader.js';
import { type Catalogue, readCatalogue } from '../catalogue.js';
import { openContents } from '../contents.js';
import type { SchemaChange } from '../shape.js';
import type { ArchivePlace } from '../take.js';
import { openTenantArchive } from '../verify.js';
import { planRestore, type RestoreSelection } from './restore-plan.js';
import { loadScope, type Scope } from './scope.js';

const LOCK_TIMEOUT_DEFAULT_MS = 30_000;

/** A backup and which of its rows are wanted. */
export interface RestoreSource extends ArchivePlace, RestoreSelection {
  /** An administrator whom row-level security does not bind. */
  readonly admin: Connection;
  /** The backup was taken for this restore from a copy of the cell as it was then; clinics are told the time. */
  readonly pointInTime?: Date;
  /** For the clinics' audit log. */
  readonly caller?: Caller;
  /** Rolls back at the end. */
  readonly dryRun: boolean;
  /** Refuse a backup that has no row in the scope, also where nothing narrows it. */
  readonly mustHaveRows?: boolean;
  /** The longest wait for the tenant's own transactions. Default 30 seconds. */
  readonly lockTimeoutMs?: number;
}

/** A verified backup, loaded and narrowed to the scope, in a transaction of the cell. */
export interface Restore {
  readonly client: pg.Client;
  readonly archive: OpenArchive;
  readonly catalogue: Catalogue;
  readonly scope: Scope;
  /** The differences between the backup and now in the tables of the restore. */
  readonly changes: readonly SchemaChange[];
}

/**
 * Reads and verifies the whole backup, loads the rows of the scope into temporary tables, and runs `work`, in one
 * transaction.
 *
 * The tenant's clinics in the scope are locked meanwhile, which makes its inserts wait (each needs its clinic's row) but
 * not its updates.
 *
 * @param options.mayFill whether `work` fills the tables of `scope.toFill`; else there are none.
 * @throws RingfenceError, and nothing is changed: backup_refused as `verifyBackup`; usage and clinic_not_found as
 *   `planRestore` and `loadScope`; conflict when a constraint does not let the rows be as they were; tenant_busy
 *   when the tenant's own work is in the way.
 */
export const inRestore = async <T>(
  source: RestoreSource,
  work: (restore: Restore) => Promise<T>,
  { mayFill = false }: { readonly mayFill?: boolean } = {},
): Promise<T> => {
  const archive = await openTenantArchive(source);
  return withConnection(source.admin, async (client) => {
    await client.query('SET row_security = off');
    await client.query(`SELECT set_config('lock_timeout', $1, false)`, [
      `${source.lockTimeoutMs ?? LOCK_TIMEOUT_DEFAULT_MS}ms`,
    ]);
    await client.query('BEGIN');
    try {
      const result = await work(await loadRestore(client, archive, source, mayFill));
      await client.query(source.dryRun ? 'ROLLBACK' : 'COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw translateRefusal(error);
    }
  });
};

const loadRestore = async (
  client: pg.Client,
  archive: OpenArchive,
  selection: RestoreSource,
  mayFill: boolean,
): Promise<Restore> => {
  const catalogue = await readCatalogue(client);
  const inBackup = new Set(
    catalogue.tables
      .map(({ name }) => name)
      .filter((name) => archive.manifest.sections.some((section) => section.name === name)),
  );
  assertThere(archive, inBackup, selection);
  const plan = planRestore(catalogue, inBackup, selection);
  const contents = await openContents(client, archive, catalogue.tables, new Set(plan.keys()));
  const clinicIds = selection.clinicIds ?? contents.clinicIds;
  assertInBackup(clinicIds, contents.clinicIds);
  await client.query('SELECT FROM ringfence.clinics WHERE id = ANY ($1) ORDER BY id FOR UPDATE', [clinicIds]);
  const wanted = { ...selection, clinicIds, mayFill, mustHaveRows: selection.mustHaveRows === true };
  const scope = await loadScope({ client, archive, catalogue, contents, plan }, wanted);
  return { client, archive, catalogue, scope, changes: contents.changes };
};

const assertThere = (
  { manifest }: OpenArchive,
  inBackup: ReadonlySet<string>,
  { tables = [] }: RestoreSelection,
): void => {
  const gone = tables.filter(
    (table) => !inBackup.has(table) && manifest.sections.some(({ name }) => name === table),
  );
  if (gone.length === 0) return;
  throw new RingfenceError(
    'usage',
    `the backup has ${gone.join(', ')}, but the cell has no such table any more`,
    {
      fix: 'make the table again and protect it, or choose others with --table',
    },
  );
};

const assertInBackup = (clinicIds: readonly string[], known: readonly string[]): void => {
  const unknown = clinicIds.filter((id) => !known.includes(id));
  if (unknown.length === 0) return;
  throw new RingfenceError('clinic_not_found', `the backup has no clinic ${unknown.join(', ')}`, {
    fix: 'choose a backup that was taken after the clinic was opened',
  });
};

const BUSY = new Set(['40001', '40P01', '55P03']);

const translateRefusal = (error: unknown): unknown => {
  if (!(error instanceof pg.DatabaseError)) return error;
  if (BUSY.has(error.code ?? '')) {
    return new RingfenceError('tenant_busy', 'the tenant’s own work is in the way of the restore', {
      fix: 'suspend the tenant, or try again when it has less to do',
      cause: error,
    });
  }
  if (!error.code?.startsWith('23')) return error;
  const place = `${error.schema ?? '?'}.${error.table ?? '?'}`;
  return new RingfenceError(
    'conflict',
    `the constraint ${error.constraint ?? error.column ?? '?'} of ${place} does not let the rows be as in the backup`,
    { fix: `restore all of ${place} as well, and the tables that it refers to`, cause: error },
  );
};
