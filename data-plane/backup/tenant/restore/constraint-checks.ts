import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { RingfenceError } from '../../../../core/errors.js';
import { columnList, equalColumns, quoted, uuidArray } from '../identifiers.js';
import { sameKey } from './same-rows.js';
import type { Scope } from './scope.js';

/** A foreign key to or from a tenant table; tables as SQL, column lists pair up. */
interface CheckedKey {
  readonly name: string;
  readonly child: string;
  readonly parent: string;
  readonly childColumns: readonly string[];
  readonly parentColumns: readonly string[];
  /** MATCH FULL: no column is NULL, or all are. */
  readonly isFull: boolean;
  /** Not of a key that was added as NOT VALID: rows from before may break it. */
  readonly isValid: boolean;
  /** The last columns are ranges: the parents' together cover the child's. */
  readonly isPeriod: boolean;
}

interface DeferrableKey {
  readonly name: string;
  readonly table: string;
  readonly expressions: readonly string[];
  readonly operators: readonly string[];
  readonly predicate: string;
}

const query = (file: string): string => readFileSync(new URL(`./queries/${file}`, import.meta.url), 'utf8');
const FOREIGN_KEYS = query('foreign-keys.sql');
const DEFERRABLE_KEYS = query('deferrable-keys.sql');

/** Rows that this transaction wrote. */
const OURS = 'l.xmin = pg_current_xact_id()::xid';

/**
 * Asks what the triggers of Postgres would ask of the rows that a restore is about to write, when those are off.
 *
 * @param client before the first row is written: what may be referred to and goes is remembered.
 * @returns the check, for when all rows are written, given the tables that had any. @throws RingfenceError conflict,
 *   naming the constraint.
 */
export const constraintChecks = async (
  client: pg.ClientBase,
  scope: Scope,
): Promise<(written: ReadonlySet<string>) => Promise<void>> => {
  const { rows: keys } = await client.query<CheckedKey>(FOREIGN_KEYS);
  const { rows: deferrable } = await client.query<DeferrableKey>(DEFERRABLE_KEYS);
  const gone = await rememberGone(client, keys, scope);
  return async (written) => {
    for (const key of keys) {
      if (written.has(key.child))
        for (const rows of writtenRows(key, scope)) await assertParents(client, key, rows);
      const place = gone.get(key);
      if (place !== undefined && written.has(key.parent)) await assertNotReferredTo(client, key, place);
    }
    for (const key of deferrable) if (written.has(key.table)) await assertUnique(client, key, scope);
  };
};

/** Keeps, for each key where there are any, the values of rows in the scope that may be referred to and that the backup has not. */
const rememberGone = async (
  client: pg.ClientBase,
  keys: readonly CheckedKey[],
  { tables }: Scope,
): Promise<ReadonlyMap<CheckedKey, string>> => {
  const going = keys.flatMap((key) => {
    const planned = tables.find(({ table }) => table.quoted === key.parent);
    if (planned === undefined || planned.mode === 'parents' || planned.mode === 'complete') return [];
    const columns = key.parentColumns;
    const rows = `FROM ${key.parent} l WHERE ${planned.inScope('l')} AND NOT EXISTS
      (SELECT FROM ${planned.scratch} s WHERE ${equalColumns({ alias: 's', columns }, { alias: 'l', columns })})`;
    return [{ key, rows }];
  });
  const gone = new Map<CheckedKey, string>();
  if (going.length === 0) return gone;
  const some = await client.query<boolean[]>({
    text: `SELECT ${going.map(({ rows }) => `EXISTS (SELECT ${rows})`).join(', ')}`,
    rowMode: 'array',
  });
  for (const [at, { key, rows }] of going.entries()) {
    if (some.rows[0]?.[at] !== true) continue;
    const place = `pg_temp.gone_${at}`;
    const columns = key.isPeriod ? key.parentColumns.slice(0, -1) : key.parentColumns;
    await client.query(
      `CREATE TEMP TABLE ${place} ON COMMIT DROP AS SELECT DISTINCT ${columnList(columns, 'l')} ${rows}`,
    );
    gone.set(key, place);
  }
  return gone;
};

/** FROM and WHERE of the rows `l` that the restore may have written in the child's table. */
const writtenRows = ({ child }: CheckedKey, { tables, toFill, clinicIds }: Scope): string[] => {
  const loaded = tables
    .filter(({ table }) => table.quoted === child)
    .map((planned) => `${child} l JOIN ${planned.scratch} s ON ${sameKey(planned)} WHERE ${OURS}`);
  const filled = toFill
    .filter(({ table }) => table.quoted === child)
    .map(() => `${child} l WHERE l.clinic_id = ANY (${uuidArray(clinicIds)})`);
  return [...loaded, ...filled];
};

const assertParents = async (client: pg.ClientBase, key: CheckedKey, written: string): Promise<void> => {
  // As Postgres does: whoever deletes a parent meanwhile waits for this transaction, or it for them.
  await client.query(
    `SELECT FROM ${key.parent} p WHERE EXISTS (SELECT FROM ${written} AND ${refersTo(key, 'l')}) FOR KEY SHARE OF p`,
  );
  const { rowCount } = await client.query(`SELECT FROM ${written} AND ${isOrphan(key, 'l')} LIMIT 1`);
  if (rowCount !== 0) throw broken(key.name, key.child);
};

const assertNotReferredTo = async (client: pg.ClientBase, key: CheckedKey, place: string): Promise<void> => {
  const [children, parents] = key.isPeriod
    ? [key.childColumns.slice(0, -1), key.parentColumns.slice(0, -1)]
    : [key.childColumns, key.parentColumns];
  const { rowCount } = await client.query(
    `SELECT FROM ${key.child} l JOIN ${place} g
         ON ${equalColumns({ alias: 'l', columns: children }, { alias: 'g', columns: parents })}
      WHERE ${isOrphan(key, 'l')} ${key.isValid ? '' : `AND ${OURS}`} LIMIT 1`,
  );
  if (rowCount !== 0) throw broken(key.name, key.child);
};

const refersTo = ({ childColumns, parentColumns, isPeriod }: CheckedKey, alias: string): string => {
  const same = equalColumns({ alias: 'p', columns: parentColumns }, { alias, columns: childColumns });
  if (!isPeriod) return same;
  const others = equalColumns(
    { alias: 'p', columns: parentColumns.slice(0, -1) },
    { alias, columns: childColumns.slice(0, -1) },
  );
  return `${others} AND ${quoted(parentColumns.at(-1) ?? '', 'p')} && ${quoted(childColumns.at(-1) ?? '', alias)}`;
};

const isOrphan = (key: CheckedKey, alias: string): string => {
  const columns = key.childColumns.map((column) => quoted(column, alias));
  const known = columns.map((column) => `${column} IS NOT NULL`);
  const parent = key.isPeriod
    ? `coalesce(${columns.at(-1)} <@ (SELECT range_agg(${quoted(key.parentColumns.at(-1) ?? '', 'p')}) FROM ${key.parent} p WHERE ${refersTo(key, alias)}), false)`
    : `EXISTS (SELECT FROM ${key.parent} p WHERE ${refersTo(key, alias)})`;
  return key.isFull
    ? `(${known.join(' OR ')}) AND NOT (${known.join(' AND ')} AND ${parent})`
    : `${known.join(' AND ')} AND NOT ${parent}`;
};

const assertUnique = async (
  client: pg.ClientBase,
  { name, table, expressions, operators, predicate }: DeferrableKey,
  { clinicIds }: Scope,
): Promise<void> => {
  const values = expressions.map((expression, at) => `${expression} AS e${at}`).join(', ');
  const rows = `(SELECT tableoid AS part, ctid AS place, ${values} FROM ${table}
    WHERE clinic_id = ANY (${uuidArray(clinicIds)}) AND ${predicate})`;
  const same = operators.map((operator, at) => `a.e${at} ${operator} b.e${at}`).join(' AND ');
  const { rowCount } = await client.query(
    `SELECT FROM ${rows} a JOIN ${rows} b ON ${same} WHERE (a.part, a.place) <> (b.part, b.place) LIMIT 1`,
  );
  if (rowCount !== 0) throw broken(name, table);
};

const broken = (constraint: string, table: string): RingfenceError =>
  new RingfenceError(
    'conflict',
    `the constraint ${constraint} of ${table} does not let the rows be as in the backup`,
    {
      fix: `restore all of ${table} as well, and the tables that it refers to`,
    },
  );
