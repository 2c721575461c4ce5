import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { RingfenceError } from '../../../tenants/errors.js';
import { requestCancel } from '../cells/cancel-request.js';
import type { CellPool } from '../cells/cell-pools.js';
import { cancelled } from '../cells/fair-turns.js';
import { translateStatementError } from './database-refusals.js';
import { ScopedClient } from './scoped-client.js';
import { notInContext, runInScope, type TenantContext, type TenantScope } from './tenant-scope.js';

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
  const over = new AbortController();
  const end = (error: RingfenceError): void => over.abort(error);
  const onAbort = (): void => end(cancelled());
  const onLost = (): void => end(new RingfenceError('database_unavailable', 'the database does not answer'));
  let timer: NodeJS.Timeout | undefined;
  let certain = false;
  let cleaned: Promise<unknown> = Promise.resolve();
  try {
    client = (await connect(cell.pool)) as pg.PoolClient & pg.Client;
    client.on('error', onLost);
    limits.signal?.addEventListener('abort', onAbort, { once: true });
    timer = setTimeout(() => end(timedOut(limits.timeoutMs)), limits.timeoutMs);

    const ended = rejectWhen(over.signal);
    await Promise.race([ended, enter(client, cell, tenant)]);
    if (limits.signal?.aborted) throw cancelled();

    const database = open(new ScopedClient(client, () => scope, end));
    const scope: TenantScope<Database> = { tenant, over: over.signal, database };
    try {
      // Awaited inside: Prisma's promises begin their work when somebody waits for them.
      const result = await Promise.race([ended, runInScope(scope, async () => await work(database))]);
      limits.signal?.removeEventListener('abort', onAbort);
      end(notInContext('the run that this connection belonged to has ended'));
      const finished = client.query('COMMIT');
      cleaned = client.query(CLEAN);
      cleaned.catch(() => undefined);
      // A statement that failed unseen makes the server roll back.
      const { command } = await finished;
      certain = true;
      if (command === 'COMMIT') return result;
      throw new RingfenceError('database_refused', 'nothing was saved: a statement of this run had failed', {
        fix: 'wait for every statement and let its error leave the run',
      });
    } finally {
      database.close();
    }
  } catch (error) {
    if (client && !over.signal.aborted) {
      end(notInContext('the run that this connection belonged to has ended'));
      const finished = client.query('ROLLBACK');
      cleaned = Promise.all([finished, client.query(CLEAN)]);
      cleaned.catch(() => undefined);
      certain = true;
    }
    throw translateStatementError(error);
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener('abort', onAbort);
    if (!client) giveBack();
    else void release(client, certain ? cleaned : undefined, onLost).finally(giveBack);
  }
};

const connect = async (pool: pg.Pool): Promise<pg.PoolClient> => {
  try {
    return await pool.connect();
  } catch (error) {
    throw translateStatementError(error);
  }
};

/** BEGIN and enter go out together: one round trip. */
const enter = async (client: pg.Client, cell: CellPool, tenant: TenantContext): Promise<void> => {
  const { processID } = client as unknown as { processID: number };
  const begun = client.query('BEGIN');
  const entered = client.query('SELECT ringfence.enter($1)', [cell.signer.sign(tenant, processID)]);
  for (const outcome of await Promise.allSettled([begun, entered]))
    if (outcome.status === 'rejected') throw outcome.reason;
};

/** @param cleaned undefined for a connection whose state is not certain. */
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

const rejectWhen = (signal: AbortSignal): Promise<never> => {
  const rejected = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  rejected.catch(() => undefined);
  return rejected;
};

const timedOut = (timeoutMs: number): RingfenceError =>
  new RingfenceError('timeout', `the request took longer than ${timeoutMs} ms; nothing was saved`);
