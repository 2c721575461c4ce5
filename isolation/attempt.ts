import type pg from 'pg';
import { translateDatabaseError } from '../data-plane/database/errors.js';

const SAVEPOINT = 'ringfence_attempt';

/** The outcome of a statement: its rows, or the SQLSTATE of its refusal with the server's error. The error may show rows. */
export type Attempted =
  | { readonly rows: Record<string, unknown>[]; readonly sqlstate?: undefined; readonly error?: undefined }
  | { readonly sqlstate: string; readonly error: Error };

/**
 * Runs one statement inside the open transaction and takes its effects back.
 * @throws RingfenceError when the connection broke or a time limit struck: then nothing was proved.
 */
export const attempt = async (
  client: pg.ClientBase,
  statement: string,
  values: readonly unknown[] = [],
): Promise<Attempted> => {
  await client.query(`SAVEPOINT ${SAVEPOINT}`);
  try {
    return await attemptLast(client, statement, values);
  } finally {
    await client
      .query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}; RELEASE SAVEPOINT ${SAVEPOINT}`)
      .catch(() => undefined);
  }
};

/**
 * Runs the last statement of a transaction that is rolled back: in no savepoint, where a cell refuses some entering that it
 * would let through otherwise.
 * @throws RingfenceError when the connection broke or a time limit struck: then nothing was proved.
 */
export const attemptLast = async (
  client: pg.ClientBase,
  statement: string,
  values: readonly unknown[] = [],
): Promise<Attempted> => {
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement, [...values]);
    return { rows };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined || !/^[0-9A-Z]{5}$/.test(code) || /^(08|57|55P03)/.test(code))
      throw translateDatabaseError(error);
    return { sqlstate: code, error: error as Error };
  }
};

/** A statement over one table that returns a row for each row that it reached. */
export interface Reach {
  readonly table: string;
  readonly statement: string;
}

/**
 * Counts the rows that each statement reaches: in one round trip, or one by one when that was refused. All statements get
 * the same values.
 */
export const countReached = async (
  client: pg.ClientBase,
  reaches: readonly Reach[],
  values: readonly unknown[],
): Promise<
  Array<{ table: string; rows: number; sqlstate?: undefined } | { table: string; sqlstate: string }>
> => {
  if (reaches.length === 0) return [];
  const together = await attempt(client, inOneStatement(reaches), values);
  if (together.sqlstate === undefined) {
    const counts = together.rows[0]?.counts as number[];
    return reaches.map(({ table }, index) => ({ table, rows: counts[index] ?? 0 }));
  }
  if (reaches.length === 1) return reaches.map(({ table }) => ({ table, sqlstate: together.sqlstate }));
  const single = [];
  for (const reach of reaches) single.push(...(await countReached(client, [reach], values)));
  return single;
};

const inOneStatement = (reaches: readonly Reach[]): string =>
  `WITH ${reaches
    .map(({ statement }, index) => `reach_${index} AS (${statement})`)
    .join(
      ', ',
    )} SELECT ARRAY[${reaches.map((_, index) => `(SELECT count(*)::int FROM reach_${index})`).join(', ')}] AS counts`;
