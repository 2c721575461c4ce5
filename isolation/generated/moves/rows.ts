import { difference, leak } from '../deviation.js';
import { AUDIT_TABLE, compareRows, countOf } from '../model.js';
import { countsOf, ownersOf, reachesOf, writesOf } from '../statements.js';
import { type Move, pick, visible } from './move.js';

export const count = async (move: Move): Promise<void> => {
  const { attacker, table, form, game, run } = move;
  const { rows, sqlstate } = await run(pick(countsOf(table), form));
  if (sqlstate !== undefined) return;
  const counted = Number(rows[0]?.[0] ?? 0);
  const expected = countOf(visible(move, table));
  if (attacker.transaction?.byUser ? counted > expected : counted !== expected)
    throw difference(`${counted} rows of ${table.title} were counted instead of ${expected}`);
  if (counted > 0) game.proved += 1;
};

export const view = async ({ attacker, game, form, run }: Move): Promise<void> => {
  const readable = pick(game.ground.readable, form);
  const { transaction } = attacker;
  const own = transaction?.entered ? transaction.clinic?.clinicId : undefined;
  const { rows } = await run(ownersOf(readable));
  if (rows.some(([id]) => id !== own)) throw leak(`${readable.name} shows another clinic`);
};

export const write = async (move: Move): Promise<void> => {
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

export const reach = async ({ run, game, table, victim, form }: Move): Promise<void> => {
  const { rows, affected, sqlstate } = await run(
    pick(reachesOf(game.admin, game.ground.tables, table, victim), form),
  );
  if (sqlstate === undefined && (rows.length > 0 || affected > 0))
    throw leak(`a statement on ${table.title} reached another clinic`);
};
