import { leak } from '../deviation.js';
import { SESSION_STATEMENTS } from '../session-statements.js';
import { cursorQuery } from '../statements.js';
import { type Move, pick, verifyRows } from './move.js';
import { endBy } from './transactions.js';

export const prepared = async (move: Move): Promise<void> => {
  const { attacker, game, table, run } = move;
  const at = game.ground.tables.indexOf(table);
  if (!attacker.prepared.has(at)) {
    const { sqlstate } = await run(`PREPARE generated_${at} AS ${cursorQuery(table)}`);
    if (sqlstate !== undefined) return;
    attacker.prepared.add(at);
  }
  verifyRows(move, await run(`EXECUTE generated_${at}`), 'a prepared statement');
};

export const openCursor = async (move: Move): Promise<void> => {
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

export const fetchFromCursor = async ({ attacker, form, run }: Move): Promise<void> => {
  // Until the connection is cleaned, a cursor that outlived its transaction is still that tenant's.
  if (attacker.holdsRows && !attacker.transaction?.clinic) return;
  const own = attacker.transaction?.clinic?.clinicId;
  const { rows } = await run(`FETCH ALL FROM generated_${form % 2 === 0 ? 'held' : 'cursor'}`);
  if (rows.some(([id]) => id !== own)) throw leak('a cursor shows another clinic');
};

export const changeSession = async ({ attacker, form, run }: Move): Promise<void> => {
  const statement = pick(SESSION_STATEMENTS, form);
  const { sqlstate } = await run(statement);
  if (sqlstate !== undefined) return;
  if (statement === 'RESET ALL' && attacker.transaction) attacker.transaction.entered = false;
  if (statement === 'DISCARD ALL') attacker.forgetSession();
  if (statement === 'DEALLOCATE ALL') attacker.prepared.clear();
};

export const terminate = async ({ attacker, game }: Move): Promise<void> => {
  const pid = await attacker.pid();
  await attacker.lost(() => game.admin.query('SELECT pg_terminate_backend($1)', [pid]));
};
