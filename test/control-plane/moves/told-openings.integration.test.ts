import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runOf } from '../../../control-plane/moves/moving.js';
import { openFence } from '../../../control-plane/moves/open-fence.js';
import { announceOpening, flipClosedHome, flipHome, type Move } from '../../../control-plane/moves/store.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { setFence } from '../../../data-plane/moves/fence.js';
import { takeOverCell } from '../../../data-plane/moves/move-run.js';
import { enrolMoved } from '../../data-plane/moves/two-cells.js';
import { useDatabase } from '../../support/cell-database.js';
import { fencedMove } from './fenced-move.js';

// What applications are told of a flip: they wait for it, and what they ask too early takes processors from what opens the home.

const db = useDatabase('control');
const one = useDatabase();
let listener: pg.Client;
let told: (string | undefined)[] = [];

beforeAll(async () => {
  listener = new pg.Client(db.connection);
  await listener.connect();
  listener.on('notification', ({ payload }) => told.push(payload));
  await listener.query('LISTEN ringfence_directory');
});
afterAll(() => listener.end());

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

const route = async ({ tenantId }: Move) =>
  (await db.admin.query('SELECT cell, epoch FROM control.tenants WHERE id = $1', [tenantId])).rows[0];

test('a home that is closed yet is told of when it opens, and not by the flip', async () => {
  const move = await fencedMove(db.admin);
  expect(await toldOf(() => flipClosedHome(db.admin, move, 2))).toEqual([]);
  expect(await route(move)).toEqual({ cell: 'two', epoch: 2 });
  expect(await toldOf(() => announceOpening(db.admin, move.tenantId))).toEqual([`tenant ${move.tenantId}`]);
});

test('a home that is open already is told of by the flip', async () => {
  const move = await fencedMove(db.admin);
  expect(await toldOf(() => flipHome(db.admin, move, 2))).toContain(`tenant ${move.tenantId}`);
});

test('other changes on the same connection are told of as before', async () => {
  const move = await fencedMove(db.admin);
  const told = await toldOf(async () => {
    const client = await db.admin.connect();
    try {
      await flipClosedHome(client as never, move, 2);
      await client.query(`UPDATE control.tenants SET state = 'suspended' WHERE id = $1`, [move.tenantId]);
    } finally {
      client.release();
    }
  });
  expect(told).toEqual([`tenant ${move.tenantId}`]);
});

test('a fence that opens is told of, whoever opens it, and opens where nobody can be told', async () => {
  const move = await fencedMove(db.admin);
  await enrolMoved(one, { tenantId: move.tenantId, clinicId: randomUUID() }, true);
  const run = runOf(move);
  const shutAndOpen = (control: typeof db.admin) =>
    withConnection(one.connection, async (client) => {
      await takeOverCell(client, run);
      await setFence(client, run, 'closed');
      await openFence({ control }, client, run);
    });
  expect(await toldOf(() => shutAndOpen(db.admin))).toEqual([`tenant ${move.tenantId}`]);
  const gone = new pg.Pool({ ...db.connection, port: 1 });
  expect(await toldOf(() => shutAndOpen(gone))).toEqual([]);
  await gone.end();
  const { rows } = await one.admin.query('SELECT fence FROM ringfence.tenants WHERE id = $1', [
    move.tenantId,
  ]);
  expect(rows).toEqual([{ fence: 'open' }]);
});
