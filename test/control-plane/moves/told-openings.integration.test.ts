import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  announceOpening,
  changeMove,
  findMove,
  flipClosedHome,
  flipHome,
  recordMove,
  takeMove,
} from '../../../control-plane/moves/store.js';
import { recordPlacement } from '../../../control-plane/tenants/placements.js';
import { useDatabase } from '../../support/cell-database.js';

// What applications are told of a flip: they wait for it, and what they ask too early takes processors from what opens the home.

const db = useDatabase('control');
let tenantId = '';
let listener: pg.Client;
let told: (string | undefined)[] = [];

beforeAll(async () => {
  listener = new pg.Client(db.connection);
  await listener.connect();
  listener.on('notification', ({ payload }) => told.push(payload));
  await listener.query('LISTEN ringfence_directory');
});
afterAll(() => listener.end());

beforeEach(async () => {
  await db.admin.query('TRUNCATE control.cells CASCADE');
  await db.admin.query(
    `INSERT INTO control.cells (name, tier, region, target)
     SELECT name, 'shared', 'eu-central-1', 'local' FROM unnest(ARRAY['one', 'two']) AS name`,
  );
  const { rows } = await db.admin.query<{ id: string }>(
    `WITH placed AS (
       INSERT INTO control.tenants (slug, cell, tier, state, legal_name, plan)
       VALUES ('moves', 'one', 'shared', 'active', 'Moves', 'starter') RETURNING id, cell)
     INSERT INTO control.placements (tenant_id, cell, epoch, state) SELECT id, cell, 1, 'home' FROM placed RETURNING tenant_id AS id`,
  );
  tenantId = rows[0]?.id ?? '';
});

/** A move that stands before its flip. */
const fencedMove = async () => {
  const id = randomUUID();
  await recordMove(db.admin, { id, tenantId, source: 'one', destination: 'two', windowHours: 1 });
  await recordPlacement(db.admin, tenantId, 'two', 'arriving');
  await takeMove(db.admin, id, 1);
  for (const [from, state] of [
    ['preparing', 'copying'],
    ['copying', 'following'],
    ['following', 'fenced'],
  ] as const) {
    const move = await findMove(db.admin, id);
    if (move) await changeMove(db.admin, move, from, { state });
  }
  const move = await findMove(db.admin, id);
  if (!move) throw new Error('the move is not there');
  return move;
};

/** Waits until all is told that was said before. */
const untilTold = async (): Promise<void> => {
  const mark = `mark ${randomUUID()}`;
  await db.admin.query(`SELECT pg_notify('ringfence_directory', $1)`, [mark]);
  await expect.poll(() => told).toContain(mark);
};

/** What `work` has told. */
const toldOf = async (work: () => Promise<void>): Promise<(string | undefined)[]> => {
  await untilTold();
  told = [];
  await work();
  await untilTold();
  return told.filter((payload) => !payload?.startsWith('mark '));
};

const route = async () =>
  (await db.admin.query('SELECT cell, epoch FROM control.tenants WHERE id = $1', [tenantId])).rows[0];

test('a home that is closed yet is told of when it opens, and not by the flip', async () => {
  const move = await fencedMove();
  expect(await toldOf(() => flipClosedHome(db.admin, move, 2))).toEqual([]);
  expect(await route()).toEqual({ cell: 'two', epoch: 2 });
  expect(await toldOf(() => announceOpening(db.admin, tenantId))).toEqual([`tenant ${tenantId}`]);
});

test('a home that is open already is told of by the flip', async () => {
  const move = await fencedMove();
  expect(await toldOf(() => flipHome(db.admin, move, 2))).toContain(`tenant ${tenantId}`);
});

test('other changes on the same connection are told of as before', async () => {
  const move = await fencedMove();
  const told = await toldOf(async () => {
    const client = await db.admin.connect();
    try {
      await flipClosedHome(client as never, move, 2);
      await client.query(`UPDATE control.tenants SET state = 'suspended' WHERE id = $1`, [tenantId]);
    } finally {
      client.release();
    }
  });
  expect(told).toEqual([`tenant ${tenantId}`]);
});
