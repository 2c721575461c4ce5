import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MOVE_STATES } from '../../../control-plane/moves/states.js';
import { OPERATION_KINDS, OPERATION_STATES, STEP_STATES } from '../../../control-plane/operation/kinds.js';
import { refuseInhabited } from '../../../control-plane/tenants/inhabited.js';
import { findTenant } from '../../../control-plane/tenants/store.js';
import { PLACEMENT_STATES, TENANT_STATES } from '../../../core/lifecycle.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { isOfEarlierVersion, migrate } from '../../../data-plane/database/migrate.js';
import { useDatabase } from '../../support/cell-database.js';

const control = useDatabase('control');

test.each([
  ['operations', 'operations_kind_check', Object.keys(OPERATION_KINDS)],
  ['operations', 'operations_state_check', OPERATION_STATES],
  ['operation_steps', 'operation_steps_state_check', STEP_STATES],
  ['placements', 'placements_state_check', PLACEMENT_STATES],
  ['moves', 'moves_state_check', MOVE_STATES],
  // One that is erased has no record.
  ['tenants', 'tenants_state_check', TENANT_STATES.filter((state) => state !== 'erased')],
])('the database takes the words of the code: control.%s, %s', async (table, name, words) => {
  const { rows } = await control.admin.query<{ definition: string }>(
    `SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = $1::regclass AND conname = $2`,
    [`control.${table}`, name],
  );
  const taken = [...(rows[0]?.definition ?? '').matchAll(/'([^']+)'::text/g)].map(([, word]) => word);
  expect(taken.sort()).toEqual([...words].sort());
});

test('a database of before comes forward with its operations', async () => {
  const folder = new URL('../../../data-plane/database/migrations/control/', import.meta.url);
  const files = readdirSync(folder).sort();
  const newer = files.slice(files.findIndex((file) => file.endsWith('_operations.sql')));
  for (const file of newer.reverse()) {
    await control.admin.query(
      readFileSync(new URL(file, folder), 'utf8').split('-- Down Migration')[1] ?? '',
    );
    await control.admin.query(`DELETE FROM control.migrations WHERE name || '.sql' = $1`, [file]);
  }
  const later = [
    'failover',
    'import',
    'add-placement',
    'withdraw-placement',
    'move',
    'rehearse-move',
    'rollback-move',
  ];
  const kinds = Object.keys(OPERATION_KINDS).filter((kind) => !later.includes(kind));
  await control.admin.query(
    `INSERT INTO control.operations (tenant_id, slug, kind, step, state) SELECT gen_random_uuid(), kind, kind, 'deploy', 'running'
       FROM unnest($1::text[]) kind`,
    [kinds],
  );
  await control.admin.query(
    `INSERT INTO control.cells (name, tier, region, target, root_key_id)
     SELECT name, 'shared', 'eu-central-1', 'local', 'local/' || name FROM unnest(ARRAY['earlier', 'now']) AS name`,
  );
  const { rows: tenants } = await control.admin.query<{ id: string }>(
    `INSERT INTO control.tenants (slug, cell, tier, state, legal_name, plan)
     VALUES ('came-back', 'now', 'shared', 'active', 'x', 'starter') RETURNING id`,
  );
  await control.admin.query(
    `INSERT INTO control.backups (id, tenant_id, cell, key_version, object_key, state, place)
     SELECT gen_random_uuid(), $1, cell, 1, cell, 'verified', 'folder' FROM unnest(ARRAY['earlier', 'now', 'purged']) AS cell`,
    [tenants[0]?.id],
  );
  await control.admin.query(
    `INSERT INTO control.tenant_keys (tenant_id, version, root_key_id, wrapped) VALUES ($1, 1, 'local/earlier', '\\x01')`,
    [tenants[0]?.id],
  );
  expect(await isOfEarlierVersion(control.admin, 'control')).toBe(true);
  const ran = await withConnection(control.connection, (client) => migrate(client, 'control'));
  expect(await isOfEarlierVersion(control.admin, 'control')).toBe(false);
  expect(ran).toHaveLength(newer.length);
  expect((await findTenant(control.admin, 'came-back'))?.placements).toEqual([
    { cell: 'earlier', epoch: 1, state: 'left' },
    { cell: 'now', epoch: 2, state: 'home' },
  ]);
  // It has backups there, and when those are gone its key is still under that cell's root.
  const remove = () => refuseInhabited(control.admin, 'earlier');
  await expect(remove()).rejects.toMatchObject({
    message: expect.stringContaining('opens backups of 1 tenants'),
  });
  await control.admin.query(`UPDATE control.backups SET removed_at = now()`);
  await expect(remove()).rejects.toMatchObject({
    message: expect.stringContaining('opens the keys of 1 tenants'),
  });
  await control.admin.query(`UPDATE control.tenant_keys SET root_key_id = 'local/now'`);
  await remove();
  const { rows } = await control.admin.query('SELECT kind FROM control.operations');
  expect(rows.map(({ kind }) => kind).sort()).toEqual(kinds.sort());
});
