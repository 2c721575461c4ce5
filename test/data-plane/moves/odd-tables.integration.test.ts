import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { compareChanges } from '../../../data-plane/moves/compare-changes.js';
import { differingTables } from '../../../data-plane/moves/compare-rows.js';
import { isRewritten, streamedTables } from '../../../data-plane/moves/publication.js';
import { requireSameSchema } from '../../../data-plane/moves/same-schema.js';
import { switchHome } from '../../../data-plane/moves/switch-home.js';
import { tokenFor } from '../../support/cell-database.js';
import { enrolMoved, startStream, useTwoCells } from './two-cells.js';

const { source, destination, moved } = useTwoCells();

/** Keys whose texts JavaScript or JSON would change, each with the SQL of the n-th, and columns that refuse to be NULL. */
const TABLES: readonly (readonly [name: string, columns: string, nth: string, key?: string])[] = [
  ['snowflake', 'k bigint', '9007199254740993 + 2 * n'],
  ['exact', 'k numeric', '1.10 + n / 3.0'],
  ['huge', 'k numeric', `('1' || repeat('0', 320))::numeric + n`],
  ['floating', 'k float8', 'n / 3.0::float8'],
  ['list', 'k int[]', 'ARRAY[n, n + 1]'],
  ['document', 'k jsonb', `to_jsonb('k' || n)`],
  ['bounds', 'k text[]', `('[' || n || ':' || n + 1 || ']={a,b}')::text[]`],
  ['nothing', 'k jsonb, l int', `'null'::jsonb, n`, 'k, l'],
  ['moment', 'k timestamptz', `timestamptz '2024-01-01 00:00:00.123456+01' + n * interval '1 microsecond'`],
  ['padded', 'k char(8)', 'n::text'],
  ['bytes', 'k bytea', `decode(lpad(to_hex(n), 4, '0'), 'hex')`],
  ['span', 'k int4range', 'int4range(n, n + 2)'],
  ['period', 'k interval', `n * interval '1 day 02:03:04'`],
  // Names of aliases in SQL of the move.
  ['alias', 'written int, l int, t int', 'n, n, n', 'written, l, t'],
  ['strict', `k int, e shop.present DEFAULT 'x', f shop.checked DEFAULT 'x'`, 'n'],
];
/** More than a portion. */
const ROWS = 400;

const quoted = (name: string): string => `shop.${name}`;
const plant = ([name, , nth, key = 'k']: (typeof TABLES)[number]): string =>
  `INSERT INTO ${quoted(name)} (clinic_id, ${key}) SELECT '${moved.clinic.clinicId}', ${nth} FROM generate_series(1, ${ROWS}) n`;

const atBothEnds = async <T>(work: (from: pg.Client, to: pg.Client) => Promise<T>): Promise<T> =>
  withConnection({ ...source.connection, pipeline: true }, (from) =>
    withConnection({ ...destination.connection, pipeline: true }, (to) => work(from, to)),
  );

const differing = (bytesPerSecond: number | undefined, only?: string) =>
  atBothEnds(async (from, to) => {
    const scope = { tenantId: moved.run.tenantId, clinicIds: [moved.clinic.clinicId] };
    const tables = (await streamedTables(from, scope)).filter(
      (table) => (only ?? table.quoted) === table.quoted,
    );
    return differingTables(from, to, tables, bytesPerSecond);
  });

let seen = 0;
beforeAll(async () => {
  for (const db of [source, destination])
    await db.admin.query(
      `CREATE SCHEMA shop; CREATE DOMAIN shop.present AS text NOT NULL; CREATE DOMAIN shop.checked AS text CHECK (VALUE IS NOT NULL);
       ${TABLES.map(
         ([name, columns, , key = 'k']) =>
           `CREATE TABLE ${quoted(name)} (clinic_id uuid, ${columns}, v text, PRIMARY KEY (clinic_id, ${key})); SELECT ringfence.protect('${quoted(name)}');`,
       ).join('\n')}`,
    );
  await enrolMoved(source, moved.clinic, true);
  await enrolMoved(destination, moved.clinic, false);
  for (const table of TABLES) await source.admin.query(plant(table));
  ({ seen } = await startStream(source, destination, moved.run, moved.clinic));
});

describe('keys of every type', () => {
  test('are found at the other end, changed or not', async () => {
    for (const [name] of TABLES)
      await source.admin.query(`UPDATE ${quoted(name)} SET v = 'changed' WHERE clinic_id = $1`, [
        moved.clinic.clinicId,
      ]);
    await atBothEnds(async (from, to) => {
      const compared = await compareChanges(from, to, moved.run, { seen, waitMs: 30_000 });
      expect(compared).toMatchObject({ isChainEqual: true, left: 0 });
      seen = compared?.seen ?? seen;
    });
  });

  test('are noted as they are, however the session that writes them wants its texts', async () => {
    const writer = await source.admin.connect();
    try {
      await writer.query(
        `SET extra_float_digits = -15; SET bytea_output = 'escape'; SET DateStyle = 'SQL, DMY'; SET IntervalStyle = 'sql_standard'`,
      );
      for (const [name] of TABLES) {
        await writer.query('DELETE FROM ringfence_private.changed_keys');
        await writer.query(`UPDATE ${quoted(name)} SET v = 'changed' WHERE clinic_id = $1`, [
          moved.clinic.clinicId,
        ]);
        const { rows } = await source.admin.query(
          `SELECT split_part(ringfence_private.digest_keys('${quoted(name)}', jsonb_agg(key)), '/', 1)::int AS found
             FROM ringfence_private.changed_keys`,
        );
        expect([name, rows]).toEqual([name, [{ found: ROWS }]]);
      }
    } finally {
      await writer.query('RESET ALL');
      writer.release();
    }
  });

  test.each([['whole', undefined] as const, ['in portions', 1e9] as const])(
    'are compared, %s',
    async (_, pace) => {
      // What was written last may be under way.
      await expect.poll(() => differing(pace), { timeout: 60_000 }).toEqual([]);
      for (const order of ['ASC', 'DESC'])
        for (const [name, , , key = 'k'] of TABLES)
          await withConnection(destination.connection, async (client) => {
            const damage = (value: string) =>
              client.query(
                `UPDATE ${quoted(name)} SET v = $1 WHERE clinic_id = $2 AND (${key}) = (SELECT ${key} FROM ${quoted(name)} WHERE clinic_id = $2 ORDER BY (${key}) ${order} LIMIT 1)`,
                [value, moved.clinic.clinicId],
              );
            await client.query('SET session_replication_role = replica');
            await damage('damaged');
            expect([order, await differing(pace, quoted(name))]).toEqual([order, [quoted(name)]]);
            await damage('changed');
          });
    },
  );

  test('a snapshot from before the fence lets nobody in behind it', async () => {
    for (const [name] of TABLES)
      await source.admin.query(`UPDATE ${quoted(name)} SET v = 'again' WHERE clinic_id = $1`, [
        moved.clinic.clinicId,
      ]);
    const early = await source.app.connect();
    try {
      let begun: Promise<unknown> = Promise.resolve();
      await atBothEnds(async (from, to) => {
        const switched = await switchHome({ source: from, destination: to }, moved.run, {
          epoch: 2,
          seen,
          drainMs: 5_000,
          arriveMs: 30_000,
          tries: 1,
          retryMs: 10,
          reopen: async () => undefined,
          flip: async () => {
            await begun;
            await expect(
              early.query('SELECT ringfence.enter($1)', [tokenFor(early, moved.clinic)]),
            ).rejects.toMatchObject({ code: 'RF008' });
          },
          // Readers may come in until the source is closed.
          reached: (point) => {
            if (point === 'arrived')
              begun = early.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1');
          },
        });
        expect(switched.comparedRows).toBe(TABLES.length * ROWS);
      });
    } finally {
      await early.query('ROLLBACK');
      early.release();
    }
  });
});

const makeOdd = (db: typeof source) =>
  db.admin.query(
    `CREATE TABLE shop.odd (clinic_id uuid, k int, PRIMARY KEY (clinic_id, k)); SELECT ringfence.protect('shop.odd')`,
  );

test.each([
  ['is unlogged', 'ALTER TABLE shop.odd SET UNLOGGED', 'SET LOGGED'],
  ['replica identity', 'ALTER TABLE shop.odd REPLICA IDENTITY NOTHING', 'REPLICA IDENTITY DEFAULT'],
  [
    'deferrable',
    'ALTER TABLE shop.odd DROP CONSTRAINT odd_pkey, ADD PRIMARY KEY (clinic_id, k) DEFERRABLE',
    'not deferrable',
  ],
  [
    'generated column',
    'ALTER TABLE shop.odd DROP CONSTRAINT odd_pkey, ADD g int GENERATED ALWAYS AS (k + 1) STORED, ADD PRIMARY KEY (clinic_id, g)',
    'stored columns',
  ],
  ['inherit', 'CREATE TABLE shop.child () INHERITS (shop.odd)', 'ALTER TABLE shop.child NO INHERIT shop.odd'],
])(
  'a table that %s is named before it is published: everybody would be refused its updates',
  async (why, change, fix) => {
    for (const db of [source, destination]) {
      await db.admin.query('UPDATE ringfence_private.moves SET locks_schema = false');
      await makeOdd(db);
    }
    // Also where only the other end has it: the stream back begins there.
    for (const db of [source, destination]) {
      await db.admin.query(change);
      await expect(atBothEnds((from, to) => requireSameSchema(from, to, 'there'))).rejects.toMatchObject({
        code: 'move_failed',
        message: expect.stringMatching(new RegExp(`shop\\.odd .*${why}`)),
        fix: expect.stringContaining(fix),
      });
      if (db === source) {
        await db.admin.query('DROP TABLE shop.odd CASCADE');
        await makeOdd(db);
      }
    }
    for (const db of [source, destination]) await db.admin.query('DROP TABLE shop.odd CASCADE');
  },
);

test('tables that were emptied are found: the stream brings no TRUNCATE', async () => {
  await withConnection(source.connection, async (client) => {
    await client.query('UPDATE ringfence_private.moves SET files = ringfence_private.table_files()');
    expect(await isRewritten(client, moved.run.tenantId)).toBe(false);
    await client.query('TRUNCATE shop.alias');
    expect(await isRewritten(client, moved.run.tenantId)).toBe(true);
  });
});
