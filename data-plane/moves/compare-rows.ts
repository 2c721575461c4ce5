import type pg from 'pg';
import { pacer } from './pace.js';
import type { StreamedTable } from './publication.js';

/** A paced comparison reads about so much at once: a processor is taken for a few milliseconds. */
const PORTION_BYTES = 131_072;
const FIRST_ROWS = 250;

interface Portion {
  /** The number of rows and two sums of hashes of them: no order changes it. */
  readonly digest: string;
  readonly bytes: number;
  /** The key to go on from, as the texts of its values; null at the end. */
  readonly last: readonly string[] | null;
}

/**
 * Compares every row of a tenant at both ends.
 * @param bytesPerSecond at each end; undefined for as fast as it goes.
 * @returns the tables that differ, as SQL.
 */
export const differingTables = async (
  one: pg.ClientBase,
  other: pg.ClientBase,
  tables: readonly StreamedTable[],
  bytesPerSecond?: number,
): Promise<readonly string[]> => {
  const pace = pacer(bytesPerSecond);
  const isEqual = async (table: StreamedTable): Promise<boolean> => {
    let last: Portion['last'] = null;
    let most = bytesPerSecond === undefined ? null : FIRST_ROWS;
    do {
      const here: Promise<Portion> = portionOf(one, table, last, most);
      // At a pace, one end after the other: neighbours keep a processor.
      if (most !== null) await here;
      const [{ digest, bytes, last: next }, there]: readonly [Portion, Portion] = await Promise.all([
        here,
        portionOf(other, table, last, most),
      ]);
      if (digest !== there.digest) return false;
      last = next;
      if (most !== null && bytes > 0) most = Math.ceil((most * PORTION_BYTES) / bytes);
      await pace(bytes);
    } while (last !== null);
    return true;
  };
  const differing: string[] = [];
  for (const table of tables) if (!(await isEqual(table))) differing.push(table.quoted);
  return differing;
};

const portionOf = async (
  client: pg.ClientBase,
  { quoted, filter }: StreamedTable,
  after: Portion['last'],
  most: number | null,
): Promise<Portion> => {
  const { rows } = await client.query<{ portion: Portion }>(
    'SELECT ringfence_private.digest_portion($1::text::regclass, $2, $3, $4) AS portion',
    [quoted, filter, after, most],
  );
  return rows[0]?.portion as Portion;
};
