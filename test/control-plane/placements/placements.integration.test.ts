import { beforeEach, expect, test } from 'vitest';
import { refuseInhabited } from '../../../control-plane/tenants/inhabited.js';
import {
  enterPlacementState,
  recordPlacement,
  takeBackPlacement,
} from '../../../control-plane/tenants/placements.js';
import { findTenant } from '../../../control-plane/tenants/store.js';
import { useDatabase } from '../../support/cell-database.js';

const db = useDatabase('control');
let id = '';

beforeEach(async () => {
  await db.admin.query('TRUNCATE control.cells CASCADE');
  await db.admin.query(
    `INSERT INTO control.cells (name, tier, region, target)
     SELECT name, 'shared', 'eu-central-1', 'local' FROM unnest(ARRAY['one', 'two', 'three']) AS name`,
  );
  const { rows } = await db.admin.query<{ id: string }>(
    `WITH placed AS (
       INSERT INTO control.tenants (slug, cell, tier, state, legal_name, plan)
       VALUES ('moves', 'one', 'shared', 'active', 'Moves', 'starter') RETURNING id, cell)
     INSERT INTO control.placements (tenant_id, cell, epoch, state) SELECT id, cell, 1, 'home' FROM placed RETURNING tenant_id AS id`,
  );
  id = rows[0]?.id ?? '';
});

const placements = async () => (await findTenant(db.admin, 'moves'))?.placements;
const arrive = (cell: string) => recordPlacement(db.admin, id, cell, 'arriving');
const enter = (cell: string, state: 'arriving' | 'home' | 'leaving' | 'left') =>
  enterPlacementState(db.admin, id, cell, state);

test('a tenant has one home, and the route that applications go by leads there', async () => {
  await arrive('two');
  await expect(enter('two', 'home')).rejects.toMatchObject({ code: '23505' });
  await expect(db.admin.query(`UPDATE control.tenants SET cell = 'two'`)).rejects.toMatchObject({
    code: '23503',
  });
  await expect(enter('one', 'leaving')).rejects.toMatchObject({ code: '23503' });
  await expect(
    db.admin.query(
      `INSERT INTO control.tenants (slug, cell, tier, state, legal_name, plan) VALUES ('stray', 'one', 'shared', 'active', 'x', 'starter')`,
    ),
  ).rejects.toMatchObject({ code: '23503' });
  await db.admin.query(`BEGIN; SET CONSTRAINTS ALL DEFERRED;
    UPDATE control.placements SET state = 'leaving' WHERE cell = 'one';
    UPDATE control.placements SET state = 'home' WHERE cell = 'two';
    UPDATE control.tenants SET cell = 'two'; COMMIT`);
  expect(await placements()).toEqual([
    { cell: 'one', epoch: 1, state: 'leaving' },
    { cell: 'two', epoch: 2, state: 'home' },
  ]);
});

test('a later placement has a higher epoch, also in a cell that had the tenant before', async () => {
  await arrive('two');
  await arrive('two');
  await enter('two', 'left');
  await arrive('three');
  await arrive('two');
  expect(await placements()).toEqual([
    { cell: 'one', epoch: 1, state: 'home' },
    { cell: 'three', epoch: 3, state: 'arriving' },
    { cell: 'two', epoch: 4, state: 'arriving' },
  ]);
});

test('only the steps of the table are taken', async () => {
  await arrive('two');
  await expect(enter('two', 'leaving')).rejects.toMatchObject({ code: 'conflict' });
  await expect(enter('three', 'left')).rejects.toMatchObject({ code: 'conflict' });
  await enter('two', 'left');
  await enter('two', 'left');
  await expect(enter('two', 'leaving')).rejects.toMatchObject({ code: 'conflict' });
});

test('giving an operation up takes back the placement that it made, and no other', async () => {
  const operations = await Promise.all(
    ['two', 'three'].map(async (cell) => {
      const { rows: made } = await db.admin.query<{ id: string }>(
        `INSERT INTO control.operations (tenant_id, slug, kind, step, state, who, door) VALUES ($1, $2, 'add-placement', 'record', 'failed', 'ana', 'cli') RETURNING id`,
        [id, cell],
      );
      return made[0]?.id ?? '';
    }),
  );
  const [first = '', second = ''] = operations;
  await recordPlacement(db.admin, id, 'two', 'arriving', first);
  await recordPlacement(db.admin, id, 'two', 'arriving', second);
  await takeBackPlacement(db.admin, second);
  expect(await placements()).toMatchObject([{ state: 'home' }, { cell: 'two', state: 'arriving' }]);
  await takeBackPlacement(db.admin, first);
  expect(await placements()).toMatchObject([{ state: 'home' }, { cell: 'two', state: 'left' }]);
});

test('a cell that an erasure has to look into is not removed', async () => {
  await db.admin.query(
    `INSERT INTO control.erasures (tenant_id, slug, slug_digest, cells, clinic_ids, state, reason, requested_by, requested_at, due_at, resume)
     VALUES ($1, 'moves', sha256('x'), ARRAY['one', 'three'], ARRAY[]::uuid[], 'waiting', 'asked for', 'ana', now(), now(), false)`,
    [id],
  );
  await expect(refuseInhabited(db.admin, 'three')).rejects.toMatchObject({
    code: 'conflict',
    message: '1 tenants are to be erased from cell three: moves',
  });
  await db.admin.query(`UPDATE control.erasures SET state = 'cancelled', cancelled_at = now()`);
  await refuseInhabited(db.admin, 'three');
});
