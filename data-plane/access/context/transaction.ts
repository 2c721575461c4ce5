import type pg from 'pg';
import { RingfenceError } from '../../../tenants/errors.js';
import { requestCancel } from '../cells/cancel-request.js';
import type { CellPool } from '../cells/cell-pools.js';
import { cancelled } from '../cells/fair-turns.js';
import { translateStatementError } from './database-refusals.js';
import { RunState } from './run-state.js';
import { ScopedClient } from './scoped-client.js';
import { enter, leave } from './session.js';
import { runHasEnded, runInScope, type TenantContext, type TenantScope } from './tenant-scope.js';

/** What one transaction may take. */
export interface TransactionLimits {
  /** Longest time from BEGIN to COMMIT, and again of COMMIT. */
  readonly timeoutMs: number;
  /** Ends the transaction; its statement is cancelled. */
  readonly signal: AbortSignal | undefined;
}

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
    client = (await cell.pool.connect()) as pg.PoolClient & pg.Client;
    client.on('error', onLost);
    limits.signal?.addEventListener('abort', onAbort, { once: true });
    timer = setTimeout(() => state.interrupt(timedOut(limits.timeoutMs)), limits.timeoutMs);

    await Promise.race([state.interrupted, enter(client, cell, tenant)]);
    if (limits.signal?.aborted) throw cancelled();

    const database = open(new ScopedClient(client, () => scope));
    const scope: TenantScope<Database> = { tenant, state, database };
    try {
      // Awaited inside: Prisma's promises begin their work when somebody waits for them.
      const inScope = runInScope(scope, async () => await work(database));
      const result = await Promise.race([state.interrupted, inScope]);
      state.finish(runHasEnded);
      const ending = leave(client, cell, 'COMMIT', limits.timeoutMs);
      cleaned = ending.cleaned;
      await ending.ended;
      return result;
    } finally {
      database.close();
    }
  } catch (error) {
    if (client && !state.isOver) {
      state.finish(runHasEnded);
      const ending = leave(client, cell, 'ROLLBACK', limits.timeoutMs);
      cleaned = Promise.all([ending.ended, ending.cleaned]);
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
