import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { readRows } from '../project/read-rows.js';
import { MOVE_STATES, type MoveState, mayMoveTransition } from './states.js';

/** What a move measured. */
export const moveReportSchema = z.strictObject({
  rows: z.int().optional(),
  bytes: z.int().optional(),
  copyMs: z.number().optional(),
  compareMs: z.number().optional(),
  pauseMs: z.number().optional(),
  drainMs: z.number().optional(),
  arriveMs: z.number().optional(),
  comparedRows: z.int().optional(),
  reopened: z.int().optional(),
  /** Every row was compared again after the switch; false where a run was killed before it could be. */
  checkedAfterwards: z.boolean().optional(),
  backup: z.guid().optional(),
  /** When base backups and archived WAL of the purged source have forgotten the rows. Its pages have them until they are vacuumed. */
  forgottenAt: z.iso.datetime().optional(),
});
export type MoveReport = Readonly<z.infer<typeof moveReportSchema>>;

const moveSchema = z.object({
  id: z.guid(),
  tenantId: z.guid(),
  source: z.string(),
  destination: z.string(),
  state: z.enum(MOVE_STATES),
  attempt: z.int(),
  isRollback: z.boolean(),
  stream: z.string().nullable(),
  returnStream: z.string().nullable(),
  seen: z.number(),
  windowHours: z.int(),
  windowEndsAt: z.date().nullable(),
  warnedAt: z.date().nullable(),
  report: moveReportSchema,
  startedAt: z.date(),
  updatedAt: z.date(),
});

/** A move as it was recorded. `source` has the home until the flip. */
export type Move = Readonly<z.infer<typeof moveSchema>>;

const TABLE = 'control.moves';
const SELECT = `SELECT id, tenant_id AS "tenantId", source, destination, state, attempt, is_rollback AS "isRollback", stream,
  return_stream AS "returnStream", seen::float8 AS seen, window_hours AS "windowHours", window_ends_at AS "windowEndsAt", warned_at AS "warnedAt", report,
  started_at AS "startedAt", updated_at AS "updatedAt" FROM control.moves`;

export type Queries = Pick<pg.Pool, 'query'>;

/** The one that is not over; a tenant has one at most. */
export const findOpenMove = async (control: Queries, tenantId: string): Promise<Move | undefined> =>
  readRows(
    moveSchema,
    TABLE,
    (await control.query(`${SELECT} WHERE tenant_id = $1 AND state NOT IN ('purged', 'aborted')`, [tenantId]))
      .rows,
  )[0];

export const findMove = async (control: Queries, id: string): Promise<Move | undefined> =>
  readRows(moveSchema, TABLE, (await control.query(`${SELECT} WHERE id = $1`, [id])).rows)[0];

/** Those that are not over. */
export const listOpenMoves = async (control: Queries): Promise<Move[]> =>
  readRows(
    moveSchema,
    TABLE,
    (await control.query(`${SELECT} WHERE state NOT IN ('purged', 'aborted') ORDER BY started_at`)).rows,
  );

export const recordMove = async (
  control: Queries,
  move: Pick<Move, 'id' | 'tenantId' | 'source' | 'destination' | 'windowHours'>,
): Promise<void> => {
  await control.query(
    `INSERT INTO control.moves (id, tenant_id, source, destination, state, window_hours) VALUES ($1, $2, $3, $4, 'preparing', $5)
     ON CONFLICT (id) DO NOTHING`,
    [move.id, move.tenantId, move.source, move.destination, move.windowHours],
  );
};

/** Takes the move for one run. @param least the highest attempt that a cell has seen. @returns the run's own. */
export const takeMove = async (control: Queries, id: string, least: number): Promise<number> => {
  const { rows } = await control.query(
    `UPDATE control.moves m SET attempt = 1 + greatest($2, (SELECT max(attempt) FROM control.moves o WHERE o.tenant_id = m.tenant_id)),
       updated_at = now() WHERE id = $1 RETURNING attempt`,
    [id, least],
  );
  return readRows(moveSchema.pick({ attempt: true }), TABLE, rows)[0]?.attempt ?? 0;
};

const superseded = (): RingfenceError =>
  new RingfenceError('move_superseded', 'another run has taken this move over', {
    fix: 'see `ringfence operations list`',
  });

type Run = Pick<Move, 'id' | 'attempt'>;

interface MoveChange {
  readonly state?: MoveState;
  readonly stream?: string | null;
  readonly returnStream?: string | null;
  readonly seen?: number;
  readonly windowEndsAt?: Date | null;
  readonly warnedAt?: Date | null;
  readonly report?: MoveReport;
}

/**
 * Changes what is recorded. The state is recorded before its first act.
 * @throws RingfenceError `move_superseded` for a run that was taken over; `internal` for a transition that is not in MOVE_TABLE.
 */
export const changeMove = async (
  control: Queries,
  { id, attempt }: Run,
  from: MoveState,
  { state = from, report = {}, ...columns }: MoveChange,
): Promise<void> => {
  if (state !== from && !mayMoveTransition(from, state))
    throw new RingfenceError('internal', `a move that is ${from} does not become ${state}`);
  const names = {
    stream: 'stream',
    returnStream: 'return_stream',
    seen: 'seen',
    windowEndsAt: 'window_ends_at',
    warnedAt: 'warned_at',
  } as const;
  const changed = Object.entries(columns).filter(([, value]) => value !== undefined);
  const set = changed.map(([name], at) => `, ${names[name as keyof typeof names]} = $${at + 6}`).join('');
  const { rowCount } = await control.query(
    `UPDATE control.moves SET state = $4, report = report || $5, updated_at = now()${set}
      WHERE id = $1 AND attempt = $2 AND state = $3`,
    [id, attempt, from, state, report, ...changed.map(([, value]) => value)],
  );
  if (rowCount !== 1) throw superseded();
};

/** The window of an open move begins: so long the tenant can be brought back. */
export const recordWindow = (control: Queries, move: Move, now: Date): Promise<void> =>
  changeMove(control, move, 'open', {
    state: 'window',
    windowEndsAt: new Date(now.getTime() + move.windowHours * 3_600_000),
  });

/** Tells applications where a tenant is about to be, so that they have connections there. A hint: none of them needs it. */
export const announceMove = async (
  control: Queries,
  { tenantId, destination }: Pick<Move, 'tenantId' | 'destination'>,
): Promise<void> => {
  await control.query(`SELECT pg_notify('ringfence_directory', $1)`, [`moving ${tenantId} ${destination}`]);
};

/** Tells applications that a tenant may be open again: those that wait for it try at once. A hint, too, so it never fails an opening. */
export const announceOpening = async (control: Queries, tenantId: string): Promise<void> => {
  const told = control.query(`SELECT pg_notify('ringfence_directory', $1)`, [`tenant ${tenantId}`]);
  // Whoever is not told asks again within 100 ms.
  await told.catch(() => undefined);
};

/**
 * The commit point: from here on the home is the destination, which is open already; applications are told at once.
 * @param epoch of the destination's placement from now on.
 * @throws RingfenceError `move_superseded` for a run that was taken over.
 */
export const flipHome = (control: Queries, move: FlippedBy, epoch: number): Promise<void> =>
  flip(control, 'SELECT control.flip_home($1, $2, $3) AS flipped', move, epoch);

/** The same where the destination is closed yet: whoever opens it calls `announceOpening`. */
export const flipClosedHome = (control: Queries, move: FlippedBy, epoch: number): Promise<void> =>
  flip(control, 'SELECT control.flip_closed_home($1, $2, $3) AS flipped', move, epoch);

type FlippedBy = Pick<Move, 'id' | 'attempt'>;

const flip = async (
  control: Queries,
  text: string,
  { id, attempt }: FlippedBy,
  epoch: number,
): Promise<void> => {
  const { rows } = await control.query<{ flipped: boolean }>(text, [id, attempt, epoch]);
  if (rows[0]?.flipped !== true) throw superseded();
};

/** The epoch of a tenant's home, as the control database has it. */
export const homeEpoch = async (control: Queries, tenantId: string): Promise<number> => {
  const { rows } = await control.query(
    `SELECT epoch FROM control.placements WHERE tenant_id = $1 AND state = 'home'`,
    [tenantId],
  );
  return readRows(z.object({ epoch: z.int() }), 'control.placements', rows)[0]?.epoch ?? 1;
};

/** The epoch that the destination's placement has as home: higher than that of the home. */
export const nextEpoch = async (
  control: Queries,
  { tenantId, destination }: Pick<Move, 'tenantId' | 'destination'>,
): Promise<number> => {
  const { rows } = await control.query(
    `SELECT CASE WHEN there.epoch > home.epoch THEN there.epoch ELSE 1 + highest.epoch END AS epoch
       FROM control.placements there, control.placements home,
            (SELECT max(epoch) AS epoch FROM control.placements WHERE tenant_id = $1) highest
      WHERE there.tenant_id = $1 AND there.cell = $2 AND home.tenant_id = $1 AND home.state = 'home'`,
    [tenantId, destination],
  );
  return readRows(z.object({ epoch: z.int() }), 'control.placements', rows)[0]?.epoch ?? 1;
};

/**
 * Exchanges the two ends: the home goes back. One that goes back already stays. The time at which the window ends stays too.
 * @throws RingfenceError `move_superseded` where the window has ended meanwhile.
 */
export const turnMove = async (control: Queries, { id }: Pick<Move, 'id'>): Promise<void> => {
  const { rowCount } = await control.query(
    `UPDATE control.moves SET source = destination, destination = source, stream = return_stream, return_stream = NULL,
       is_rollback = true, state = 'following', attempt = attempt + 1, updated_at = now()
      WHERE id = $1 AND state IN ('open', 'window', 'purging')`,
    [id],
  );
  if (rowCount !== 1) throw superseded();
};

/** Exchanges the two ends back: a rollback was given up, and the window that it began in goes on. */
export const returnMove = async (control: Queries, { id, attempt }: Run): Promise<void> => {
  const { rowCount } = await control.query(
    `UPDATE control.moves SET source = destination, destination = source, return_stream = stream, stream = NULL,
       is_rollback = false, state = 'window', window_ends_at = coalesce(window_ends_at, now() + make_interval(hours => window_hours)), updated_at = now()
      WHERE id = $1 AND attempt = $2 AND state = 'aborting' AND is_rollback`,
    [id, attempt],
  );
  if (rowCount !== 1) throw superseded();
};
