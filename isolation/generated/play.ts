import { forge, forgeToken } from './moves/forgeries.js';
import { type Game, type Move, pick, verifyRows } from './moves/move.js';
import { count, reach, view, write } from './moves/rows.js';
import { changeSession, fetchFromCursor, openCursor, prepared, terminate } from './moves/sessions.js';
import { begin, clean, comeIn, endBy, enter, rollbackTo, savepoint } from './moves/transactions.js';
import { cursorQuery, oraclesOf, readsOf } from './statements.js';
import type { Step, StepKind } from './step.js';

/** Plays one step of a sequence. @throws Deviation where the database does something else than the model. */
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

/** The moves of an application in an entered clinic. */
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

const bare =
  (sql: string) =>
  async ({ attacker }: Move): Promise<void> => {
    await attacker.run(sql);
  };

const MOVES: Readonly<Record<StepKind, (move: Move) => Promise<void>>> = {
  enter,
  begin,
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
  'fetch from cursor': fetchFromCursor,
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
