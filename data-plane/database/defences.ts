import pg from 'pg';
import { RingfenceError } from '../../tenants/errors.js';

/** A defence of a cell that is otherwise than its release made it. */
export interface Difference {
  /** What the view `defences` (migration 0011) calls it, such as policy or grant; copy, permissions, context key, login. */
  readonly kind: string;
  readonly object: string;
  /** `is missing`, `is another than in this release`, `is not of this release`. */
  readonly problem: string;
}

export const describeDifference = ({ kind, object, problem }: Difference): string =>
  `${kind} ${object} ${problem}`;

/**
 * How far a cell is: nothing is in the database, its preparation was broken off, or it remembers what its release made.
 * @throws RingfenceError `schema_unsafe` where it has lost what it remembered: then nothing tells a defence from a hole.
 */
export const readPreparation = async (
  client: pg.ClientBase,
): Promise<'empty' | 'unfinished' | 'prepared'> => {
  const { rows } = await client.query<{ there: boolean; migrated: boolean }>(
    `SELECT to_regclass('ringfence_private.release') IS NOT NULL AS there,
            to_regclass('ringfence_private.migrations') IS NOT NULL AS migrated`,
  );
  if (!rows[0]?.there) {
    if (rows[0]?.migrated && (await hasRelease(client))) throw lost();
    return 'empty';
  }
  const kinds = await client.query<{ unfinished: boolean }>(
    `SELECT kind = 'unfinished' AS unfinished FROM ringfence_private.release ORDER BY kind <> 'unfinished' LIMIT 1`,
  );
  if (!kinds.rows[0]) throw lost();
  return kinds.rows[0].unfinished ? 'unfinished' : 'prepared';
};

const hasRelease = async (client: pg.ClientBase): Promise<boolean> =>
  (await client.query(`SELECT FROM ringfence_private.migrations WHERE name = '0011_release'`)).rowCount === 1;

const lost = (cause?: unknown): RingfenceError =>
  new RingfenceError('schema_unsafe', 'the cell has lost what it remembered of its release', {
    fix: 'nothing can be compared any more: make the cell anew and restore its tenants with `ringfence backups restore`',
    cause,
  });

/** undefined_table, undefined_function, undefined_column. */
const MISSING = new Set(['42P01', '42883', '42703']);

/** What differs from the release; changes nothing and locks nothing. @throws RingfenceError `schema_unsafe` as readPreparation. */
export const readDifferences = (client: pg.ClientBase): Promise<Difference[]> =>
  differencesBy(client, 'SELECT kind, object, problem FROM ringfence_private.differences()');

/** Makes every defence as the release made it. Without a difference nothing is locked. @returns what differed. */
export const restoreDefences = (client: pg.ClientBase): Promise<Difference[]> =>
  differencesBy(client, 'SELECT kind, object, problem FROM ringfence_private.restore_release()');

const differencesBy = async (client: pg.ClientBase, query: string): Promise<Difference[]> => {
  try {
    return (await client.query<Difference>(query)).rows;
  } catch (error) {
    throw error instanceof pg.DatabaseError && MISSING.has(error.code ?? '') ? lost(error) : error;
  }
};

/** Makes the copies anew that enter() reads, where they differ from what they are copies of. @returns which did. */
export const restoreCopies = async (client: pg.ClientBase): Promise<string[]> => {
  const { rows } = await client.query<{ object: string }>(
    'SELECT unnest(ringfence_private.restore_copies()) AS object',
  );
  return rows.map(({ object }) => object);
};

/** Remembers the defences as they are now as those of the release. */
export const recordDefences = async (client: pg.ClientBase): Promise<void> => {
  await client.query('SELECT ringfence_private.record_release()');
};
