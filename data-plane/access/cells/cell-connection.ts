import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { translateStatementError } from '../context/database-refusals.js';
import { runHasEnded } from '../context/not-in-context.js';
import { RunState } from '../context/run-state.js';
import { cleaning, type Ending, leave } from '../context/session.js';
import { requestCancel } from './cancel-request.js';
import type { CellPool } from './cell-pools.js';
import { cancelled } from './fair-turns.js';

/** SQLSTATE of a statement that was prepared and is not there any more. */
const UNKNOWN_STATEMENT = '26000';

/** SQLSTATE of a lock that was waited for too long. */
const LOCK_NOT_AVAILABLE = '55P03';

/** The limits of one transaction. */
export interface TransactionLimits {
  /** Longest time from BEGIN to COMMIT, and again of COMMIT. */
  readonly timeoutMs: number;
  /** Ends the transaction; its statement is cancelled. */
  readonly signal: AbortSignal | undefined;
  /** Told how long the connection was held, in milliseconds: the tenant's compute time. */
  readonly onServed?: (heldMs: number) => void;
}

/** A connection that nothing else uses. */
export interface CellConnection {
  readonly client: pg.Client;
  /** Interrupted by the signal, the time limit, or the loss of the connection. */
  readonly state: RunState;
  /** Commits and cleans, both sent at once. */
  commit(): Ending;
  /** Cleans, where the transaction ends by itself. */
  clean(): void;
}

/**
 * Waits for the tenant's turn, and gives `use` a connection. It goes back to its pool clean; one that `use` did not
 * commit is rolled back first, and one whose state is not certain is closed.
 */
export const withCellConnection = async <T>(
  cell: CellPool,
  tenantId: string,
  limits: TransactionLimits,
  use: (connection: CellConnection) => Promise<T>,
): Promise<T> => {
  const giveBack = await cell.turns.take(tenantId, limits.signal);
  const state = new RunState();
  const onAbort = (): void => state.interrupt(cancelled());
  const onLost = (error: Error): void => state.interrupt(error instanceof RingfenceError ? error : lost());
  let client: (pg.PoolClient & pg.Client) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ending: Ending | undefined;
  let connectedAtMs: number | undefined;
  try {
    const connected = (await cell.connect()) as pg.PoolClient & pg.Client;
    connectedAtMs = performance.now();
    client = connected;
    client.on('error', onLost);
    if (limits.signal?.aborted) throw cancelled();
    limits.signal?.addEventListener('abort', onAbort, { once: true });
    timer = setTimeout(() => state.interrupt(timedOut(limits.timeoutMs)), limits.timeoutMs);
    const commit = (): Ending => {
      ending = leave(connected, cell, 'COMMIT', limits.timeoutMs);
      return ending;
    };
    const clean = (): void => {
      ending = { ended: Promise.resolve(), cleaned: cleaning(connected) };
    };
    return await use({ client, state, commit, clean });
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === UNKNOWN_STATEMENT) state.isConnectionSpent = true;
    // The holder of the lock may be no application's run. The next attempt finds the lock released.
    if (code === LOCK_NOT_AVAILABLE) cell.keep();
    if (client && !ending && !state.isInterrupted) {
      state.finish(runHasEnded);
      ending = leave(client, cell, 'ROLLBACK', limits.timeoutMs);
      ending.ended.catch(() => undefined);
    }
    throw translateStatementError(error);
  } finally {
    clearTimeout(timer);
    if (connectedAtMs !== undefined) limits.onServed?.(performance.now() - connectedAtMs);
    limits.signal?.removeEventListener('abort', onAbort);
    if (!client) giveBack();
    else void release(client, isCertain(state) ? ending : undefined, onLost).finally(giveBack);
  }
};

const isCertain = ({ isInterrupted, isConnectionSpent }: RunState): boolean =>
  !isInterrupted && !isConnectionSpent;

/** @param ending undefined for a connection whose state is not certain. */
const release = async (
  client: pg.PoolClient & pg.Client,
  ending: Ending | undefined,
  onLost: (error: Error) => void,
): Promise<void> => {
  const isClean = await (ending?.cleaned ?? Promise.reject(new Error())).then(
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
