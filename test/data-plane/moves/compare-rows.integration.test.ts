import { beforeAll, beforeEach, expect, test } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { differingTables } from '../../../data-plane/moves/compare-rows.js';
import { streamedTables } from '../../../data-plane/moves/publication.js';
import { enrolMoved, useTwoCells } from './two-cells.js';

const { source, destination, moved } = useTwoCells();

const ROWS = 3_000;
const AS_FAST_AS_IT_GOES = undefined;
/** In portions, without a pause that anybody notices. */
const IN_PORTIONS = 1_000_000_000;

const plant = (db: typeof source, order: string) =>
  db.admin.query(
    `INSERT INTO clinical.services (clinic_id, id, name, duration_minutes)
     SELECT $1, md5(n::text)::uuid, 'service ' || n || repeat('x', n % 200), 30 FROM generate_series(1, $2::int) n ORDER BY ${order}`,
    [moved.clinic.clinicId, ROWS],
  );

const differing = async (bytesPerSecond: number | undefined): Promise<readonly string[]> =>
  withConnection(source.connection, (from) =>
    withConnection(destination.connection, async (to) => {
      const all = await streamedTables(from, {
        tenantId: moved.run.tenantId,
        clinicIds: [moved.clinic.clinicId],
      });
      const tables = all.filter(({ quoted }) => quoted === 'clinical.services');
      return differingTables(from, to, tables, bytesPerSecond);
    }),
  );

beforeAll(async () => {
  await enrolMoved(source, moved.clinic, true);
  await enrolMoved(destination, moved.clinic, true);
});

beforeEach(async () => {
  for (const db of [source, destination])
    await db.admin.query('DELETE FROM clinical.services WHERE clinic_id = $1', [moved.clinic.clinicId]);
  await plant(source, 'n');
  await plant(destination, 'n DESC');
});

const DAMAGES: readonly (readonly [string, string])[] = [
  ['a byte of the first row', `UPDATE clinical.services SET name = name || '.' WHERE id = $1`],
  ['a lost row', 'DELETE FROM clinical.services WHERE id = $1'],
  [
    'a row with another id',
    `UPDATE clinical.services SET id = 'ffffffff-0000-0000-0000-000000000000' WHERE id = $1`,
  ],
  [
    'a row more',
    `INSERT INTO clinical.services SELECT (jsonb_populate_record(s, '{"id": "ffffffff-0000-0000-0000-000000000000"}')).* FROM clinical.services s WHERE id = $1`,
  ],
];

for (const [how, bytesPerSecond] of [
  ['whole', AS_FAST_AS_IT_GOES],
  ['in portions', IN_PORTIONS],
] as const) {
  test(`equal rows are equal in any order, ${how}`, async () => {
    expect(await differing(bytesPerSecond)).toEqual([]);
  });

  test.each(DAMAGES)(`%s is found, ${how}`, async (_name, damage) => {
    for (const end of ['ASC', 'DESC']) {
      const { rows } = await source.admin.query<{ id: string }>(
        `SELECT id FROM clinical.services WHERE clinic_id = $1 ORDER BY id ${end} LIMIT 1`,
        [moved.clinic.clinicId],
      );
      const db = end === 'ASC' ? source : destination;
      await db.admin.query(damage, [rows[0]?.id]);
      expect(await differing(bytesPerSecond)).toEqual(['clinical.services']);
      await db.admin.query('DELETE FROM clinical.services WHERE clinic_id = $1', [moved.clinic.clinicId]);
      await plant(db, 'n');
    }
  });
}
