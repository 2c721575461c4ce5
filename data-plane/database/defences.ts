import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';

/** A defence of a cell that is otherwise than its release made it. */
export interface Difference {
  /** What the view `defences` (migration 0011) calls it, such as policy or grant; copy, table, context key, pseudonym keys, login. */
  readonly kind: string;
  readonly object: string;
  /** `is missing`, `is another than in this release`, `is not of this release`. */
  readonly problem: string;
  /** The reason why a repair could not put it back. */
  readonly obstacle?: Obstacle;
}

interface Obstacle {
  /** SQLSTATE of the statement that would have; null where there is no such statement. */
  readonly sqlState: string | null;
  /** The operator's next step. */
  readonly fix: string;
}

/**
 * The preparation of a cell: the database is empty, the preparation was broken off, or the cell remembers its release.
 * @throws RingfenceError `schema_unsafe` where it has lost what it remembered: then nothing tells a defence from a hole.
 */
export const readPreparation = async (
  client: pg.ClientBase,
): Promise<'empty' | 'unfinished' | 'prepared'> => {
  const { rows } = await client.query<{ there: boolean; whole: boolean; migrated: boolean }>(
    `SELECT to_regclass('ringfence_private.release') IS NOT NULL AS there,
            (SELECT count(*) = 5 FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass('ringfence_private.release')
                AND attname IN ('kind', 'object', 'relation', 'place', 'make') AND NOT attisdropped) AS whole,
            to_regclass('ringfence_private.migrations') IS NOT NULL AS migrated`,
  );
  if (!rows[0]?.there) {
    if (rows[0]?.migrated && (await hasRelease(client))) throw lost();
    return 'empty';
  }
  if (!rows[0].whole) throw lost();
  const kinds = await client.query<{ unfinished: boolean }>(
    `SELECT kind = 'unfinished' AS unfinished FROM ringfence_private.release ORDER BY kind <> 'unfinished' LIMIT 1`,
  );
  if (!kinds.rows[0]) throw lost();
  return kinds.rows[0].unfinished ? 'unfinished' : 'prepared';
};

const hasRelease = async (client: pg.ClientBase): Promise<boolean> =>
  (await client.query(`SELECT FROM ringfence_private.migrations WHERE name = '0011_release'`)).rowCount === 1;

const lost = (): RingfenceError =>
  new RingfenceError('schema_unsafe', 'the cell has lost what it remembered of its release', {
    fix: 'no row is lost: bring up another cell with this version and the same Postgres, copy the table ringfence_private.release from it (`pg_dump --table ringfence_private.release`), run `ringfence cells repair`, then `SELECT ringfence.protect(...)` for each table of your own',
  });

/** Reads the differences from the release. Changes nothing and locks nothing. */
export const readDifferences = async (client: pg.ClientBase): Promise<Difference[]> =>
  (await client.query<Difference>('SELECT kind, object, problem FROM ringfence_private.differences()')).rows;

/** Gives clinics without a key of pseudonyms a new one. @returns how many. */
export const restorePseudonymKeys = async (client: pg.ClientBase): Promise<number> => {
  const { rows } = await client.query<{ made: number }>(
    'SELECT ringfence_private.restore_pseudonym_keys() AS made',
  );
  return rows[0]?.made ?? 0;
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
