import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { inTransaction } from '../database/connect.js';

/** One run of a move, as a cell knows it (migration 0012). */
export interface MoveRun {
  readonly tenantId: string;
  /** Id of the move, of which a rollback is a part. */
  readonly moveId: string;
  /** The fencing token: higher than that of every earlier run on this tenant. */
  readonly attempt: number;
}

/** The number of the last run that a cell has seen of a tenant; 0 for none. */
export const lastAttempt = async (client: pg.ClientBase, tenantId: string): Promise<number> => {
  const { rows } = await client.query<{ attempt: number }>(
    'SELECT attempt FROM ringfence_private.moves WHERE tenant_id = $1',
    [tenantId],
  );
  return rows[0]?.attempt ?? 0;
};

/**
 * Makes this run the one that may change something in the cell; statements of earlier runs are refused from then on.
 * @throws RingfenceError `move_superseded` where a later run was here.
 */
export const takeOverCell = async (
  client: pg.ClientBase,
  { tenantId, moveId, attempt }: MoveRun,
): Promise<void> => {
  const { rowCount } = await client.query(
    `INSERT INTO ringfence_private.moves AS known (tenant_id, operation, attempt) VALUES ($1, $2, $3)
     ON CONFLICT (tenant_id) DO UPDATE SET operation = excluded.operation, attempt = excluded.attempt, under_way = true
       WHERE known.attempt <= excluded.attempt`,
    [tenantId, moveId, attempt],
  );
  if (rowCount === 1) return;
  throw new RingfenceError('move_superseded', 'another run has taken this move over');
};

/**
 * Comes first in every transaction by which a run changes a cell.
 * @throws RingfenceError `move_superseded` for a run that was taken over.
 */
export const requireMove = async (
  client: pg.ClientBase,
  { tenantId, moveId, attempt }: MoveRun,
): Promise<void> => {
  await client.query('SELECT ringfence_private.require_move($1, $2, $3)', [tenantId, moveId, attempt]);
};

/** Longer than most transactions. What a longer one has noted stays until the tenant leaves the cell; nobody reads it. */
const NOTES_WAIT_MS = 2_000;

/** What a move asks of a cell beside its fence. */
export interface MoveWork {
  readonly underWay: boolean;
  /** The keys of changed rows are noted. */
  readonly tracks: boolean;
  /** No tenant table changes its definition. */
  readonly locksSchema: boolean;
}

/** @throws RingfenceError `move_superseded` for a run that was taken over. */
export const setMoveWork = async (client: pg.Client, run: MoveRun, work: MoveWork): Promise<void> => {
  const { tenantId } = run;
  const put = (): Promise<void> =>
    inTransaction(client, async () => {
      await requireMove(client, run);
      await client.query(
        `UPDATE ringfence_private.moves SET under_way = $2, tracks = $3, locks_schema = $4 WHERE tenant_id = $1`,
        [tenantId, work.underWay, work.tracks, work.locksSchema],
      );
      if (!work.tracks)
        await client.query('DELETE FROM ringfence_private.changed_keys WHERE tenant_id = $1', [tenantId]);
    });
  await put();
  if (work.tracks) return;
  // Transactions that were under way have noted keys too.
  await client.query('SELECT ringfence_private.await_empty($1, $2)', [tenantId, NOTES_WAIT_MS]);
  await put();
};
