import type pg from 'pg';
import { type Connection, inTransaction, withConnection } from '../database/connect.js';
import { type Cell, cellsOf, shownCells } from './cells.js';
import { CUBES, type Cube } from './cubes.js';
import { valueTotal } from './group.js';
import { requireClosedMonth } from './month.js';
import { panelOf } from './panel.js';
import { readFacts, readMembers } from './read-facts.js';

/** A month of a cube in one cell. */
export interface Publication {
  readonly cube: string;
  /** `2026-10` */
  readonly month: string;
  /** False when it was published before: then it stays as it is. */
  readonly isNew: boolean;
  /** Cells, totals too. */
  readonly shown: number;
  /** Of those that the cube has for this panel; null when it was published before. */
  readonly withheld: number | null;
}

/**
 * Publishes a month of every cube that has not been published for it, over the tenants of one cell, in one
 * transaction that sees one state of the data. A month is published once and for ever: corrections, enrolments and
 * erasures that come later change nothing in it.
 *
 * @param admin as the superuser of the cell's database.
 * @throws RingfenceError usage for a month that is not over.
 */
export const publishCubes = async (
  admin: Connection,
  { month, now }: { readonly month: string; readonly now: Date },
): Promise<Publication[]> => {
  requireClosedMonth(month, now);
  return withConnection(admin, (client) =>
    inTransaction(client, async () => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      // Before the snapshot is taken: of two publishers at once the second one sees what the first one published.
      await client.query('LOCK TABLE analytics.publications IN SHARE ROW EXCLUSIVE MODE');
      await client.query('SET LOCAL row_security = off');
      const panel = panelOf(await readMembers(client));
      const publications: Publication[] = [];
      for (const cube of CUBES) publications.push(await publish(client, cube, month, panel));
      return publications;
    }),
  );
};

const publish = async (
  client: pg.ClientBase,
  cube: Cube,
  month: string,
  panel: ReturnType<typeof panelOf>,
): Promise<Publication> => {
  const publication = { cube: cube.name, month };
  const key = [cube.name, `${month}-01`];
  const { rowCount } = await client.query(
    'INSERT INTO analytics.publications (cube, month, published_at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING',
    key,
  );
  if (rowCount === 0) {
    const before = await client.query('SELECT FROM analytics.benchmarks WHERE cube = $1 AND month = $2', key);
    return { ...publication, isNew: false, shown: before.rowCount ?? 0, withheld: null };
  }
  const shown = shownCells(cellsOf(await readFacts(client, cube, month), panel, cube.bands.names));
  await insertCells(client, cube, month, shown);
  const cells = 1 + panel.size * (1 + cube.bands.names.length);
  return { ...publication, isNew: true, shown: shown.length, withheld: cells - shown.length };
};

const insertCells = async (
  client: pg.ClientBase,
  cube: Cube,
  month: string,
  cells: readonly Cell[],
): Promise<void> => {
  const rows = cells.map(({ vertical, band, group }) => ({
    vertical,
    band,
    value: Math.round(valueTotal(group) / cube.roundTo) * cube.roundTo,
  }));
  await client.query(
    `INSERT INTO analytics.benchmarks (cube, month, vertical, band, value)
     SELECT $1, $2, vertical, band, value
       FROM jsonb_to_recordset($3::jsonb) AS made (vertical text, band text, value bigint)`,
    [cube.name, `${month}-01`, JSON.stringify(rows)],
  );
};
