import { readFileSync } from 'node:fs';
import pg from 'pg';
import { RingfenceError } from '../../../tenants/errors.js';
import { requestCancel } from '../cells/cancel-request.js';
import type { CellPool } from '../cells/cell-pools.js';
import { cancelled } from '../cells/fair-turns.js';
import { translateStatementError } from './database-refusals.js';
import { RunState } from './run-state.js';
import { ScopedClient } from './scoped-client.js';
import { runHasEnded, runInScope, type TenantContext, type TenantScope } from './tenant-scope.js';

/** What one transaction may take. */
export interface TransactionLimits {
  /** Longest time from BEGIN to the start of COMMIT. */
  readonly timeoutMs: number;
  /** Ends the transaction; its statement is cancelled. */
  readonly signal: AbortSignal | undefined;
}

/**
 * All of DISCARD ALL but its DISCARD PLANS (plans hold no rows, and theirs read the clinic anew: the functions are
 * STABLE) and advisory locks, which the application's role cannot take (isolation.md 10, 11).
 */
const CLEAN = readFileSync(new URL('./clean-connection.sql', import.meta.url), 'utf8');

/**
 * Runs `work` in one transaction in the context of a clinic, on a connection that nothing else uses and that goes
 * back to its pool clean. One whose state is not certain is closed instead.
 * @param open makes the handle that `work` gets; `close` of it is called when the time of the handle is over.
 */
export const inClinicTransaction = async <Database extends { close(): void }, T>(
  cell: CellPool,
  tenant: TenantContext,
  limits: TransactionLimits,
  open: (client: ScopedClient) => Database,
  work: (database: Database) => Promise<T>,
): Promise<T> => {
  const giveBack = await cell.turns.take(tenant.tenantId, limits.signal);
  let client: (pg.PoolClient & pg.Client) | undefined;
  const state = new RunState();
  const onAbort = (): void => state.interrupt(cancelled());
  const onLost = (): void => state.interrupt(lost());
  let timer: NodeJS.Timeout | undefined;
  let cleaned: Promise<unknown> | undefined;
  try {
    client = (await connect(cell.pool)) as pg.PoolClient & pg.Client;
    client.on('error', onLost);
    limits.signal?.addEventListener('abort', onAbort, { once: true });
    timer = setTimeout(() => state.interrupt(timedOut(limits.timeoutMs)), limits.timeoutMs);

    await Promise.race([state.interrupted, enter(client, cell, tenant)]);
    if (limits.signal?.aborted) throw cancelled();

    const database = open(new ScopedClient(client, () => scope));
    const scope: TenantScope<Database> = { tenant, state, database };
    try {
      // Awaited inside: Prisma's promises begin their work when somebody waits for them.
      const result = await Promise.race([
        state.interrupted,
        runInScope(scope, async () => await work(database)),
      ]);
      limits.signal?.removeEventListener('abort', onAbort);
      state.finish(runHasEnded);
      const { connection } = client;
      connection.stream.cork();
      const committed = commit(client, limits.timeoutMs);
      cleaned = client.query(CLEAN);
      cleaned.catch(() => undefined);
      connection.stream.uncork();
      await committed;
      return result;
    } finally {
      database.close();
    }
  } catch (error) {
    if (client && !state.isOver) {
      state.finish(runHasEnded);
      const finished = client.query('ROLLBACK');
      cleaned = Promise.all([finished, client.query(CLEAN)]);
      cleaned.catch(() => undefined);
    }
    throw translateStatementError(error);
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener('abort', onAbort);
    if (!client) giveBack();
    else void release(client, cleaned, onLost).finally(giveBack);
  }
};

const connect = async (pool: pg.Pool): Promise<pg.PoolClient> => {
  try {
    return await pool.connect();
  } catch (error) {
    throw translateStatementError(error);
  }
};

/** BEGIN and enter go out in one packet: one round trip. */
const enter = async (client: pg.Client, cell: CellPool, tenant: TenantContext): Promise<void> => {
  const { processID } = client as unknown as { processID: number };
  client.connection.stream.cork();
  const begun = client.query('BEGIN');
  const entered = client.query('SELECT ringfence.enter($1)', [cell.signer.sign(tenant, processID)]);
  client.connection.stream.uncork();
  for (const outcome of await Promise.allSettled([begun, entered]))
    if (outcome.status === 'rejected') throw outcome.reason;
};

/** @throws what the database refused the commit for; nothing was saved then. */
const commit = async (client: pg.Client, timeoutMs: number): Promise<void> => {
  try {
    const { command } = await client.query({ text: 'COMMIT', query_timeout: timeoutMs } as pg.QueryConfig);
    if (command === 'COMMIT') return;
  } catch (error) {
    if (error instanceof pg.DatabaseError) throw error;
    throw new RingfenceError('timeout', 'the database did not confirm the commit', {
      fix: 'look whether it was saved before you try again',
    });
  }
  // The server rolls back where a statement failed and nobody looked at its error.
  throw new RingfenceError('database_refused', 'nothing was saved: a statement of this run had failed', {
    fix: 'wait for every statement and let its error leave the run',
  });
};

/** @param cleaned resolves once the connection is clean; undefined for one whose state is not certain. */
const release = async (
  client: pg.PoolClient & pg.Client,
  cleaned: Promise<unknown> | undefined,
  onLost: () => void,
): Promise<void> => {
  const isClean = await (cleaned ?? Promise.reject(new Error())).then(
    () => client.getTransactionStatus() === 'I',
    () => false,
  );
  if (!isClean) await requestCancel(client);
  client.release(!isClean);
  client.removeListener('error', onLost);
};

const lost = (): RingfenceError =>
  new RingfenceError('database_unavailable', 'the connection to the database was lost');

const timedOut = (timeoutMs: number): RingfenceError =>
  new RingfenceError('timeout', `the request took longer than ${timeoutMs} ms; nothing was saved`);
