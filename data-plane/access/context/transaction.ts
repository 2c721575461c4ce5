import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { type CellConnection, type TransactionLimits, withCellConnection } from '../cells/cell-connection.js';
import type { CellPool } from '../cells/cell-pools.js';
import { mayLeaveSettings } from './cleaning.js';
import { StatementRefused } from './database-refusals.js';
import { runHasEnded } from './not-in-context.js';
import type { RunState } from './run-state.js';
import { ScopedClient } from './scoped-client.js';
import { type Entry, enter, hasPreparedEnter, runEntered } from './session.js';
import { StatementSender } from './statement-sender.js';
import { Subtransaction } from './subtransaction.js';
import { runInScope, type TenantContext, type TenantScope } from './tenant-scope.js';

/**
 * Runs `work` in one transaction in the context of a clinic.
 * @param open makes the handle that `work` gets; `close` of it is called when the time of the handle is over.
 */
export const inClinicTransaction = <Database extends { close(): void }, T>(
  cell: CellPool,
  tenant: TenantContext,
  entry: Entry,
  limits: TransactionLimits,
  open: (client: ScopedClient) => Database,
  work: (database: Database) => Promise<T>,
): Promise<T> =>
  withCellConnection(cell, tenant.tenantId, limits, async ({ client, state, commit }) => {
    await Promise.race([state.interrupted, enter(client, cell, entry)]);
    const database = open(new ScopedClient(() => scope));
    const subtransaction = Subtransaction.ofRun(new StatementSender(client, state));
    const scope: TenantScope<Database> = { tenant, state, database, subtransaction };
    try {
      // Awaited inside: Prisma's promises begin their work when somebody waits for them.
      const inScope = runInScope(scope, async () => await work(database));
      const result = await Promise.race([state.interrupted, inScope]);
      await subtransaction.end();
      state.finish(runHasEnded);
      await commit().ended;
      return result;
    } finally {
      database.close();
    }
  });

/** Runs `work` in a savepoint of the run that `outer` is of: it is undone by itself when `work` throws. */
export const inNestedRun = <T>(outer: TenantScope, work: () => Promise<T>): Promise<T> =>
  outer.subtransaction.nest((subtransaction) =>
    runInScope({ ...outer, subtransaction }, async () => await work()),
  );

/**
 * Runs one statement in a transaction of its own in the context of a clinic, in one round trip. A statement that comes
 * again is kept prepared; when a migration has changed what it returns, Postgres refuses it before it does anything, and
 * it is sent once more on another connection.
 */
export const inClinicStatement = async <Row extends pg.QueryResultRow>(
  cell: CellPool,
  tenant: TenantContext,
  entry: Entry,
  limits: TransactionLimits,
  text: string,
  values: readonly unknown[],
): Promise<pg.QueryResult<Row>> => {
  const name = cell.statements.nameOf(text, values);
  const run = (statement: pg.QueryConfig) =>
    withCellConnection(cell, tenant.tenantId, limits, (connection) => {
      if (mayLeaveSettings(text)) connection.state.isConnectionSpent = true;
      return cell.pooler === 'transaction' || entry.readOnly || !hasPreparedEnter(connection.client)
        ? inMessages<Row>(cell, entry, connection, text, values)
        : inOneMessage<Row>(cell, entry, connection, statement);
    });
  const statement = { text, values: [...values] };
  if (name === undefined) return run(statement);
  try {
    return await run({ ...statement, name });
  } catch (error) {
    if (error instanceof StatementRefused && error.sqlState === PLAN_OUTDATED) return run(statement);
    throw error;
  }
};

/** feature_not_supported: "cached plan must not change result type", among others. */
const PLAN_OUTDATED = '0A000';

/** What enters, the statement and the end of its transaction, as one message; the cleaning follows it. */
const inOneMessage = async <Row extends pg.QueryResultRow>(
  cell: CellPool,
  { subject }: Entry,
  { client, state, clean }: CellConnection,
  statement: pg.QueryConfig,
): Promise<pg.QueryResult<Row>> => {
  const { stream } = client.connection;
  stream.cork();
  const answered = runEntered(client, cell, subject, statement);
  clean();
  stream.uncork();
  try {
    return (await unlessInterrupted(state, answered)) as pg.QueryResult<Row>;
  } catch (error) {
    // The server may keep a plan of it that it does not take any more.
    if ((error as { code?: unknown }).code === PLAN_OUTDATED) state.isConnectionSpent = true;
    throw error;
  }
};

/** BEGIN, enter, the statement and COMMIT go out together. When enter is refused, everything after it is refused too. */
const inMessages = async <Row extends pg.QueryResultRow>(
  cell: CellPool,
  entry: Entry,
  { client, state, commit }: CellConnection,
  text: string,
  values: readonly unknown[],
): Promise<pg.QueryResult<Row>> => {
  if (cell.pooler === 'transaction') await enter(client, cell, entry);
  const { stream } = client.connection;
  stream.cork();
  const entered = cell.pooler === 'transaction' ? undefined : enter(client, cell, entry);
  const answered = client.query<Row>({
    text,
    values: [...values],
    queryMode: 'extended',
  } as pg.QueryConfig);
  const { ended } = commit();
  stream.uncork();
  const outcomes = await unlessInterrupted(state, Promise.allSettled([entered, answered, ended]));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return await answered;
};

const unlessInterrupted = <T>(state: RunState, work: Promise<T>): Promise<T> =>
  Promise.race([
    state.interrupted.catch((error: unknown) => {
      if (error instanceof RingfenceError && error.code === 'result_too_large') throw error;
      throw new RingfenceError('cancelled', 'the request was ended; a write may have been saved');
    }),
    work,
  ]);
