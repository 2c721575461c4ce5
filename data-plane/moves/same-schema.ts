import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';

const TENANT_COLUMNS = readFileSync(new URL('./queries/tenant-columns.sql', import.meta.url), 'utf8');

interface Definition {
  /** As SQL. */
  readonly table: string;
  /** Columns, keys and checks as one text. */
  readonly definition: string;
}

/** The differences between the tenant tables of two cells, in words; empty for none. */
const schemaDifferences = async (source: pg.ClientBase, destination: pg.ClientBase): Promise<string[]> => {
  const [here, there] = await Promise.all([read(source), read(destination)]);
  const missing = [...here.keys()].filter((table) => !there.has(table)).map((table) => `${table} is missing`);
  const other = [...there.keys()]
    .filter((table) => !here.has(table))
    .map((table) => `${table} is only there`);
  const changed = [...here].flatMap(([table, definition]) =>
    there.has(table) && there.get(table) !== definition ? [`${table} is another`] : [],
  );
  return [...missing, ...other, ...changed];
};

const read = async (client: pg.ClientBase): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await client.query<Definition>(TENANT_COLUMNS);
  return new Map(rows.map(({ table, definition }) => [table, definition]));
};

const UNSTREAMABLE = readFileSync(new URL('./queries/unstreamable-tables.sql', import.meta.url), 'utf8');

/**
 * Postgres streams no unlogged table; and once a table is published whose changed rows it cannot name, it refuses everybody's updates of
 * it (PostgreSQL documentation, "Publication").
 * @throws RingfenceError `move_failed`, naming them.
 */
export const refuseUnstreamable = async (client: pg.ClientBase): Promise<void> => {
  const { rows } = await client.query<{ table: string; why: string; fix: string }>(UNSTREAMABLE);
  if (rows.length === 0) return;
  throw new RingfenceError(
    'move_failed',
    `tables that cannot be streamed: ${rows.map(({ table, why }) => `${table} ${why}`).join('; ')}`,
    { fix: `change them first: ${rows.map(({ fix }) => fix).join('; ')}` },
  );
};

/** @throws RingfenceError `move_failed` where the rows of the one cell do not fit into the other. */
export const requireSameSchema = async (
  source: pg.ClientBase,
  destination: pg.ClientBase,
  cell: string,
): Promise<void> => {
  await refuseUnstreamable(source);
  // The stream back begins there.
  await refuseUnstreamable(destination);
  const differences = await schemaDifferences(source, destination);
  if (differences.length === 0) return;
  throw new RingfenceError(
    'move_failed',
    `the tenant tables of cell ${cell} are not the same: ${differences.join('; ')}`,
    {
      fix: `bring both cells to one version: \`ringfence cells repair ${cell}\`, and your own migrations, with \`SELECT ringfence.protect(...)\` for tables of your own`,
    },
  );
};
