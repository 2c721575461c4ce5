import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import type { Fence } from '../enrolment/enrolment.js';
import type { MoveRun } from './move-run.js';

/** A transaction that is in a tenant. `pid` is null for a prepared one. */
export interface Inside {
  readonly pid: number | null;
  readonly since: string | null;
}

/**
 * The source at the moment from which nobody writes there. Both texts are JSON of Postgres: JavaScript would round what numbers are
 * in it.
 */
export interface Drained {
  /** What has changed since it was last compared; the destination compares it (migration 0012). */
  readonly changes: string;
  readonly changedRows: number;
  /** What moves with the tenant and is in no tenant table. */
  readonly carried: string;
}

/** @param epoch of the placement, for who opens the fence. @throws RingfenceError `move_superseded`. */
export const setFence = async (
  client: pg.ClientBase,
  { tenantId, moveId, attempt }: MoveRun,
  fence: Fence,
  epoch = 1,
): Promise<void> => {
  await client.query('SELECT ringfence_private.set_fence($1, $2, $3, $4, $5)', [
    tenantId,
    moveId,
    attempt,
    fence,
    epoch,
  ]);
};

/**
 * Ends writing at the source, where the fence is `draining`, and writes the marker.
 * @param seen the last event of the audit chain that was compared before.
 * @returns those that are still in after `waitMs`, or hold the tenant's ledger; nothing was done then.
 */
export const drain = async (
  client: pg.ClientBase,
  { tenantId, moveId, attempt }: MoveRun,
  { marker, seen, waitMs }: { readonly marker: string; readonly seen: number; readonly waitMs: number },
): Promise<Drained | readonly Inside[]> => {
  try {
    const { rows } = await client.query<Drained & { drained: boolean; writers: Inside[] | null }>(DRAIN, [
      tenantId,
      moveId,
      attempt,
      marker,
      seen,
      waitMs,
    ]);
    const [found] = rows;
    if (!found?.drained) return found?.writers ?? [];
    const { changes, changedRows, carried } = found;
    return { changes, changedRows, carried };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === TOO_MUCH_WRITTEN) throw tooMuchWritten(error);
    if (code !== LOCK_NOT_AVAILABLE) throw error;
    return whoHoldsLedger(client, tenantId);
  }
};

const DRAIN = `
  SELECT (d ->> 'drained')::boolean AS drained, d -> 'writers' AS writers, (d -> 'changes')::text AS changes, (d -> 'carried')::text AS carried,
         (SELECT coalesce(sum(jsonb_array_length(r -> 'keys')), 0)::int FROM jsonb_array_elements(d -> 'changes' -> 'rows') r) AS "changedRows"
    FROM ringfence_private.drain($1, $2, $3, $4, $5, $6) d`;

const LOCK_NOT_AVAILABLE = '55P03';
const TOO_MUCH_WRITTEN = 'RF011';

const tooMuchWritten = (cause: unknown): RingfenceError =>
  new RingfenceError(
    'tenant_busy',
    'the tenant wrote more while its fence was drawn than can be compared in a moment',
    { fix: 'the tenant works on where it was: `ringfence operations resume`, once it writes less', cause },
  );

/** Who has written into a tenant without having entered it: an administrator, or what one has prepared. */
const whoHoldsLedger = async (client: pg.ClientBase, tenantId: string): Promise<readonly Inside[]> => {
  const { rows } = await client.query<Inside>(
    `SELECT k.pid, (SELECT a.xact_start::text FROM pg_stat_activity a WHERE a.pid = k.pid) AS since
       FROM ringfence_private.ledgers l
       JOIN pg_locks k ON k.locktype = 'transactionid' AND k.transactionid = l.xmax AND k.mode = 'ExclusiveLock' AND k.granted
      WHERE l.tenant_id = $1`,
    [tenantId],
  );
  return rows;
};

/**
 * Waits for the marker at the destination, puts in place what is carried, and compares what has changed.
 * @returns tables that differ; undefined where the marker did not come within `waitMs`.
 */
export const arrive = async (
  client: pg.ClientBase,
  { tenantId, moveId, attempt }: MoveRun,
  {
    marker,
    drained,
    waitMs,
  }: { readonly marker: string; readonly drained: Drained; readonly waitMs: number },
): Promise<readonly string[] | undefined> => {
  const { rows } = await client.query<{ found: { arrived: boolean; differs?: string[] } }>(
    'SELECT ringfence_private.arrive($1, $2, $3, $4, $5, $6, $7) AS found',
    [tenantId, moveId, attempt, marker, drained.changes, drained.carried, waitMs],
  );
  const found = rows[0]?.found;
  return found?.arrived ? (found.differs ?? []) : undefined;
};

/**
 * Waits until nobody is in a tenant that is closed, and keeps out, until the client's session ends, who has a snapshot from before.
 * @returns those that still are in after `waitMs`.
 */
export const awaitEmpty = async (
  client: pg.ClientBase,
  { tenantId }: Pick<MoveRun, 'tenantId'>,
  waitMs: number,
): Promise<readonly Inside[]> => {
  const { rows } = await client.query<{ inside: Inside[] | null }>(
    'SELECT ringfence_private.await_empty($1, $2, true) AS inside',
    [tenantId, waitMs],
  );
  return rows[0]?.inside ?? [];
};

/** Writes a marker into the stream of a tenant. */
export const writeMarker = async (
  client: pg.ClientBase,
  { tenantId }: Pick<MoveRun, 'tenantId'>,
  marker: string,
): Promise<void> => {
  await client.query('INSERT INTO ringfence_private.move_markers VALUES ($1, $2)', [tenantId, marker]);
};

/** A marker that has arrived is of no use any more. */
export const dropMarker = async (
  client: pg.ClientBase,
  { tenantId }: Pick<MoveRun, 'tenantId'>,
  marker: string,
): Promise<void> => {
  await client.query('DELETE FROM ringfence_private.move_markers WHERE tenant_id = $1 AND id = $2', [
    tenantId,
    marker,
  ]);
};

/** @returns whether the marker has come within `waitMs`, and with it all that was committed before it. */
export const awaitMarker = async (
  client: pg.ClientBase,
  { tenantId }: Pick<MoveRun, 'tenantId'>,
  marker: string,
  waitMs: number,
): Promise<boolean> => {
  const { rows } = await client.query<{ arrived: boolean }>(
    'SELECT ringfence_private.await_marker($1, $2, $3) AS arrived',
    [tenantId, marker, waitMs],
  );
  return rows[0]?.arrived === true;
};
