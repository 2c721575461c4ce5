import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { CanaryTable } from '../suite/canary-tables.js';
import { type Attacker, type Heard, openTransaction } from './attacker.js';
import { difference, leak } from './deviation.js';
import { type Ground, STAFF_TABLE, type StaffedClinic } from './ground.js';
import { AUDIT_TABLE, type Change, compareRows, countOf, type Model } from './model.js';
import { forgeriesOf, SESSION_STATEMENTS } from './session-statements.js';
import { countsOf, cursorQuery, oraclesOf, ownersOf, reachesOf, readsOf, writesOf } from './statements.js';
import type { Step, StepKind } from './step.js';

/** What the access library does with a connection before another request gets it. */
export const CLEAN = readFileSync(
  new URL('../../access/context/clean-connection.sql', import.meta.url),
  'utf8',
);

/** The sequence that is played. */
export interface Game {
  readonly ground: Ground;
  readonly admin: pg.Client;
  /** What was committed. */
  readonly model: Model;
  readonly attackers: readonly Attacker[];
  /** Tables with committed changes. */
  readonly written: Set<string>;
  /** How many steps saw the rows that they should see: without them a run would prove nothing. */
  proved: number;
  /** What cleans a connection. */
  readonly clean: string;
}

interface Move {
  readonly game: Game;
  readonly attacker: Attacker;
  readonly clinic: StaffedClinic;
  /** The chosen clinic, or another one where that was entered: whose rows are reached for. */
  readonly victim: StaffedClinic;
  readonly table: CanaryTable;
  readonly form: number;
  /** Runs SQL of the application, in a savepoint where the step is a careful one. */
  readonly run: (sql: string) => Promise<Heard>;
}

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T;

/** Plays one step. @throws Deviation. */
export const play = async (game: Game, step: Step): Promise<void> => {
  const attacker = pick(game.attackers, step.connection);
  const clinic = pick(game.ground.clinics, step.clinic);
  const table = pick(game.ground.tables, step.table);
  const run = (sql: string) => (step.careful ? attacker.runInSavepoint(sql) : attacker.run(sql));
  const move = { game, attacker, clinic, victim: clinic, table, form: step.form, run };
  if (step.careful && WITHIN_CLINIC.has(step.kind)) await comeIn(move);
  const own = attacker.transaction?.clinic === clinic;
  const victim = own ? pick(game.ground.clinics, step.clinic + 1) : clinic;
  await MOVES[step.kind]({ ...move, victim });
};

/** What an application does in a clinic that it has entered. */
const WITHIN_CLINIC: ReadonlySet<StepKind> = new Set([
  'read',
  'count',
  'view',
  'copy',
  'prepared',
  'open cursor',
  'fetch from cursor',
  'oracle',
  'write',
  'reach for another clinic',
]);

/** As an application does that looks after its transactions. */
const comeIn = async (move: Move): Promise<void> => {
  if (move.attacker.status === 'E') await endBy(move, 'ROLLBACK');
  if (move.attacker.status === 'I') await enter(move);
};

/** The rows that this connection must see now. */
const visible = ({ game, attacker: { transaction } }: Move, table: CanaryTable): ReturnType<Model['of']> =>
  transaction?.clinic && transaction.entered
    ? game.model.seenBy(transaction.changes, transaction.clinic.clinicId, table.title)
    : { keys: new Set(), unnamed: 0 };

/** Rows of a clinic's id and a key: of the clinic that was entered, and all of them. */
const verifyRows = (move: Move, { rows, sqlstate }: Heard, what: string): void => {
  if (sqlstate !== undefined) return;
  const { transaction } = move.attacker;
  const own = transaction?.entered ? transaction.clinic?.clinicId : undefined;
  if (rows.some(([clinicId]) => clinicId !== own))
    throw leak(`${what} of ${move.table.title} shows another clinic`);
  compareRows(
    move.table.title,
    rows.map(([, key]) => key ?? ''),
    visible(move, move.table),
    transaction?.byUser !== true,
  );
  if (rows.length > 0) move.game.proved += 1;
};

const settle = (game: Game, changes: readonly Change[]): void => {
  game.model.apply(changes);
  for (const { table } of changes) game.written.add(table);
};

/** Ends the transaction by `sql` and books what it wrote when that was a commit. */
const endBy = async ({ attacker, game }: Move, sql: string): Promise<void> => {
  const changes = attacker.transaction?.changes ?? [];
  const failed = attacker.status !== 'T';
  const { sqlstate } = await attacker.run(sql);
  if (sqlstate === undefined && !failed && sql.startsWith('COMMIT')) settle(game, changes);
  if (attacker.status !== 'I') attacker.transaction = openTransaction();
};

const clean = async ({ attacker, game }: Move): Promise<void> => {
  if (attacker.status !== 'I') await attacker.run('ROLLBACK');
  await attacker.run(game.clean);
  attacker.forgetSession();
};

const enter = async (move: Move): Promise<void> => {
  const { attacker, clinic, form, game, run } = move;
  const { transaction, status } = attacker;
  // A transaction whose context was reset is over for the access library: it signs one token for each.
  if (status === 'E' || (transaction?.clinic && !transaction.entered)) return;
  if (attacker.holdsRows && !transaction?.entered) await clean(move);
  const user = clinic.users[form % 10];
  const token = await attacker.token(clinic, user?.userId);
  const sql = `SELECT ringfence.enter(${token})`;
  const heard = await (attacker.status === 'I' ? attacker.run(`BEGIN; ${sql}`) : run(sql));
  if (transaction?.entered) {
    if (heard.sqlstate === undefined) throw leak('a second clinic was entered in one transaction');
    return;
  }
  const assigned = user === undefined || game.model.of(clinic.clinicId, STAFF_TABLE).keys.has(user.staffKey);
  if (heard.sqlstate === undefined && !assigned) throw leak('a user without an assignment was let in');
  if (heard.sqlstate !== undefined && assigned && heard.sqlstate === 'RF002')
    throw difference('an assigned user was refused');
  if (heard.sqlstate !== undefined || !attacker.transaction) return;
  Object.assign(attacker.transaction, { clinic, entered: true, byUser: user !== undefined });
};

const write = async (move: Move): Promise<void> => {
  const { attacker, game, table, form, run } = move;
  const { transaction } = attacker;
  const clinic = transaction?.clinic ?? move.clinic;
  const { sql, does } = pick(writesOf(game.admin, game.ground.tables, table, clinic), form);
  const before = visible(move, table);
  const { rows, sqlstate } = await run(sql);
  if (sqlstate !== undefined || rows.length === 0) return;
  if (!transaction?.entered) throw leak(`a row of ${table.title} was written without a context`);
  const { clinicId } = clinic;
  if (rows.some(([id]) => id !== clinicId)) throw leak(`a write to ${table.title} reached another clinic`);
  const keys = rows.map(([, key]) => key ?? '');
  if (does !== 'add') compareRows(table.title, keys, before, false);
  if (does === 'remove' && !transaction.byUser && rows.length !== countOf(before))
    throw difference(`${rows.length} of ${countOf(before)} own rows of ${table.title} were deleted`);
  if (does !== 'keep')
    transaction.changes.push(
      ...keys.map((key) => ({ clinicId, table: table.title, key, added: does === 'add' })),
    );
  transaction.changes.push({ clinicId, table: AUDIT_TABLE, key: undefined, added: true });
  game.proved += 1;
};

const reach = async ({ run, game, table, victim, form }: Move): Promise<void> => {
  const { rows, affected, sqlstate } = await run(
    pick(reachesOf(game.admin, game.ground.tables, table, victim), form),
  );
  if (sqlstate === undefined && (rows.length > 0 || affected > 0))
    throw leak(`a statement on ${table.title} reached another clinic`);
};

const count = async (move: Move): Promise<void> => {
  const { attacker, table, form, game, run } = move;
  const { rows, sqlstate } = await run(pick(countsOf(table), form));
  if (sqlstate !== undefined) return;
  const counted = Number(rows[0]?.[0] ?? 0);
  const expected = countOf(visible(move, table));
  if (attacker.transaction?.byUser ? counted > expected : counted !== expected)
    throw difference(`${counted} rows of ${table.title} were counted instead of ${expected}`);
  if (counted > 0) game.proved += 1;
};

const view = async ({ attacker, game, form, run }: Move): Promise<void> => {
  const readable = pick(game.ground.readable, form);
  const { transaction } = attacker;
  const own = transaction?.entered ? transaction.clinic?.clinicId : undefined;
  const { rows } = await run(ownersOf(readable));
  if (rows.some(([id]) => id !== own)) throw leak(`${readable.name} shows another clinic`);
};

const prepared = async (move: Move): Promise<void> => {
  const { attacker, game, table, run } = move;
  const at = game.ground.tables.indexOf(table);
  if (!attacker.prepared.has(at)) {
    const { sqlstate } = await run(`PREPARE generated_${at} AS ${cursorQuery(table)}`);
    if (sqlstate !== undefined) return;
    attacker.prepared.add(at);
  }
  verifyRows(move, await run(`EXECUTE generated_${at}`), 'a prepared statement');
};

const openCursor = async (move: Move): Promise<void> => {
  const { attacker, table, form, run } = move;
  if (!attacker.transaction?.entered || attacker.status !== 'T') return;
  const hold = form % 2 === 0;
  const { sqlstate } = await run(
    `DECLARE generated_${hold ? 'held' : 'cursor'} CURSOR ${hold ? 'WITH HOLD ' : ''}FOR ${cursorQuery(table)}`,
  );
  if (sqlstate !== undefined || !hold) return;
  attacker.holdsRows = true;
  if (form % 4 === 0) await endBy(move, 'COMMIT');
};

const fetch = async ({ attacker, form, run }: Move): Promise<void> => {
  // Until the connection is cleaned, a cursor that outlived its transaction is still that tenant's.
  if (attacker.holdsRows && !attacker.transaction?.clinic) return;
  const own = attacker.transaction?.clinic?.clinicId;
  const { rows } = await run(`FETCH ALL FROM generated_${form % 2 === 0 ? 'held' : 'cursor'}`);
  if (rows.some(([id]) => id !== own)) throw leak('a cursor shows another clinic');
};

const savepoint = async ({ attacker }: Move): Promise<void> => {
  const { transaction } = attacker;
  if (!transaction || attacker.status !== 'T') return;
  const { clinic, entered, byUser, changes, savepoints } = transaction;
  const { sqlstate } = await attacker.run(`SAVEPOINT generated_${savepoints.length}`);
  if (sqlstate === undefined) savepoints.push({ clinic, entered, byUser, changes: changes.length });
};

const rollbackTo = async ({ attacker, form }: Move): Promise<void> => {
  const { transaction } = attacker;
  if (!transaction || transaction.savepoints.length === 0) return;
  const at = form % transaction.savepoints.length;
  const { sqlstate } = await attacker.run(`ROLLBACK TO SAVEPOINT generated_${at}`);
  const moment = transaction.savepoints[at];
  if (sqlstate !== undefined || !moment) return;
  transaction.savepoints.length = at + 1;
  transaction.changes.length = moment.changes;
  Object.assign(transaction, { clinic: moment.clinic, entered: moment.entered, byUser: moment.byUser });
};

const forge = async ({ victim, form, run }: Move): Promise<void> => {
  const forgery = pick(forgeriesOf(victim), form);
  const { sqlstate } = await run(forgery);
  if (sqlstate === undefined) throw leak(`not refused: ${forgery.split(' ').slice(0, 3).join(' ')}`);
};

const forgeToken = async (move: Move): Promise<void> => {
  const { attacker, victim, clinic, form, game, run } = move;
  if (attacker.status === 'E') return;
  const other = pick(game.attackers, form + 1 + game.attackers.indexOf(attacker));
  const stranger = game.ground.clinics.find(({ tenantId }) => tenantId !== victim.tenantId) ?? clinic;
  const tokens = [
    () => attacker.token(victim, undefined, { tenantId: stranger.tenantId }),
    () => attacker.token(victim, undefined, { agedMs: 31_000 }),
    async () =>
      attacker.token(victim, undefined, { pid: (await other.pid()) + (other === attacker ? 1 : 0) }),
    async () =>
      (await attacker.token(victim, undefined)).replace(/.(?='$)/, (last) => (last === '0' ? '1' : '0')),
    () => attacker.token(victim, stranger.users[form % 4]?.userId),
  ];
  const { sqlstate } = await run(`SELECT ringfence.enter(${await pick(tokens, form)()})`);
  if (sqlstate === undefined) throw leak('a token that is not sound was accepted');
};

const changeSession = async ({ attacker, form, run }: Move): Promise<void> => {
  const statement = pick(SESSION_STATEMENTS, form);
  const { sqlstate } = await run(statement);
  if (sqlstate !== undefined) return;
  if (statement === 'RESET ALL' && attacker.transaction) attacker.transaction.entered = false;
  if (statement === 'DISCARD ALL') attacker.forgetSession();
  if (statement === 'DEALLOCATE ALL') attacker.prepared.clear();
};

const terminate = async ({ attacker, game }: Move): Promise<void> => {
  const pid = await attacker.pid();
  await attacker.lost(() => game.admin.query('SELECT pg_terminate_backend($1)', [pid]));
};

const bare =
  (sql: string) =>
  async ({ attacker }: Move): Promise<void> => {
    await attacker.run(sql);
  };

const MOVES: Readonly<Record<StepKind, (move: Move) => Promise<void>>> = {
  enter,
  begin: async (move) => {
    if (move.attacker.holdsRows && move.attacker.status === 'I') await clean(move);
    await move.attacker.run('BEGIN');
  },
  commit: (move) => endBy(move, 'COMMIT'),
  rollback: (move) => endBy(move, 'ROLLBACK'),
  chain: (move) => endBy(move, `${move.form % 2 === 0 ? 'COMMIT' : 'ROLLBACK'} AND CHAIN`),
  savepoint,
  'rollback to savepoint': rollbackTo,
  read: async (move) => verifyRows(move, await move.run(pick(readsOf(move.table), move.form)), 'a read'),
  count,
  view,
  copy: async (move) => verifyRows(move, await move.attacker.copyOut(cursorQuery(move.table)), 'COPY'),
  prepared,
  'open cursor': openCursor,
  'fetch from cursor': fetch,
  oracle: async ({ run, table, form }) => {
    await run(pick(oraclesOf(table), form));
  },
  write,
  'reach for another clinic': reach,
  'forge the context': forge,
  'forge a token': forgeToken,
  'change the session': changeSession,
  'clean the session': clean,
  fail: bare('SELECT 1 / 0'),
  'run into a time limit': bare('SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)'),
  cancel: ({ attacker }) => attacker.cancelled(),
  terminate,
};
