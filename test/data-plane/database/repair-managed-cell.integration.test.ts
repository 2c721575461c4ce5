import { afterAll, beforeAll, expect, test } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import type { Difference } from '../../../data-plane/database/defences.js';
import { lintSchema } from '../../../data-plane/database/lint/lint-schema.js';
import { repairCell } from '../../../data-plane/database/repair/repair-cell.js';
import { type ManagedCell, startManagedCell } from '../../support/rds/managed-cell.js';
import { CREDENTIALS } from '../../support/repaired-cell.js';

let cell: ManagedCell;
beforeAll(async () => {
  cell = await startManagedCell();
});
afterAll(() => cell?.stop());

const repair = (dryRun: boolean): Promise<Difference[]> =>
  withConnection(cell.connection, (client) => repairCell(client, CREDENTIALS, { dryRun }));
const asProvider = (sql: string) =>
  cell.postgres.asProvider((provider) =>
    withConnection({ ...provider, database: 'clinics' }, (client) => client.query(sql)),
  );

test('a cell as it was prepared has no difference', async () => {
  expect(await repair(true)).toEqual([]);
  expect(await repair(false)).toEqual([]);
});

test.each([
  [
    'ALTER TABLE clinical.staff DROP CONSTRAINT staff_role_check',
    'constraint staff_role_check on clinical.staff',
  ],
  [
    `DROP FUNCTION ringfence.can(text, text) CASCADE;
     CREATE FUNCTION ringfence.can(w text, s text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
     ALTER FUNCTION ringfence.can(text, text) OWNER TO clinic_master`,
    'function ringfence.can(text,text)',
  ],
  ['DROP FUNCTION ringfence_private.is_managed() CASCADE', 'view ringfence_private.defences'],
  ['DROP FUNCTION ringfence_private.context_code(text, smallint)', 'function ringfence_private.context_code'],
  ['ALTER DATABASE clinics CONNECTION LIMIT 7', 'database connection limit of this database'],
  [
    'ALTER ROLE clinic_master SET session_replication_role = replica',
    'setting the administrator: session_replication_role',
  ],
  ['ALTER TABLE clinical.messages SET UNLOGGED', 'table clinical.messages'],
])('is named and put back, and the lint is clean: %s', async (damage, named) => {
  await asProvider(damage);
  const seen = (await repair(true)).map(({ kind, object }) => `${kind} ${object}`);
  expect(seen).toEqual(expect.arrayContaining([expect.stringContaining(named)]));
  expect((await repair(false)).filter(({ obstacle }) => obstacle)).toEqual([]);
  expect(await repair(true)).toEqual([]);
  expect(await withConnection(cell.connection, lintSchema)).toEqual([]);
});

test('what the provider alone can put back is named, and everything else is put back', async () => {
  await asProvider(`GRANT rds_superuser TO ringfence_app; DROP POLICY clinic_boundary ON clinical.patients`);
  const left = (await repair(false)).filter(({ obstacle }) => obstacle);
  expect(left).toMatchObject([
    {
      kind: 'membership',
      object: 'ringfence_app in rds_superuser',
      obstacle: { fix: expect.stringContaining('superuser') },
    },
  ]);
  expect((await repair(true)).map(({ kind }) => kind)).toEqual(['membership']);
  await asProvider('REVOKE rds_superuser FROM ringfence_app');
  expect(await repair(true)).toEqual([]);
});
