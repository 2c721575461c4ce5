import { openTransaction } from '../attacker.js';
import { difference, leak } from '../deviation.js';
import { STAFF_TABLE } from '../ground.js';
import type { Move } from './move.js';

/** Ends the transaction by `sql`. After a commit it books the writes. */
export const endBy = async ({ attacker, game }: Move, sql: string): Promise<void> => {
  const changes = attacker.transaction?.changes ?? [];
  const failed = attacker.status !== 'T';
  const { sqlstate } = await attacker.run(sql);
  if (sqlstate === undefined && !failed && sql.startsWith('COMMIT')) {
    game.model.apply(changes);
    for (const { table } of changes) game.written.add(table);
  }
  if (attacker.status !== 'I') attacker.transaction = openTransaction();
};

export const clean = async ({ attacker, game }: Move): Promise<void> => {
  if (attacker.status !== 'I') await attacker.run('ROLLBACK');
  await attacker.run(game.clean);
  attacker.forgetSession();
};

export const enter = async (move: Move): Promise<void> => {
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

export const begin = async (move: Move): Promise<void> => {
  if (move.attacker.holdsRows && move.attacker.status === 'I') await clean(move);
  await move.attacker.run('BEGIN');
};

/** Acts as a careful application does. */
export const comeIn = async (move: Move): Promise<void> => {
  if (move.attacker.status === 'E') await endBy(move, 'ROLLBACK');
  if (move.attacker.status === 'I') await enter(move);
};

export const savepoint = async ({ attacker }: Move): Promise<void> => {
  const { transaction } = attacker;
  if (!transaction || attacker.status !== 'T') return;
  const { clinic, entered, byUser, changes, savepoints } = transaction;
  const { sqlstate } = await attacker.run(`SAVEPOINT generated_${savepoints.length}`);
  if (sqlstate === undefined) savepoints.push({ clinic, entered, byUser, changes: changes.length });
};

export const rollbackTo = async ({ attacker, form }: Move): Promise<void> => {
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
