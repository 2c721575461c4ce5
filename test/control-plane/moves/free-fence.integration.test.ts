import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { freeFence } from '../../../control-plane/moves/free-fence.js';
import { runOf } from '../../../control-plane/moves/moving.js';
import { flipHome, type Move, nextEpoch } from '../../../control-plane/moves/store.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import type { Fence } from '../../../data-plane/enrolment/enrolment.js';
import { setFence } from '../../../data-plane/moves/fence.js';
import { takeOverCell } from '../../../data-plane/moves/move-run.js';
import { enrolMoved } from '../../data-plane/moves/two-cells.js';
import { type TestDatabase, useDatabase } from '../../support/cell-database.js';
import { fencedMove, recordedMove } from './fenced-move.js';

const control = useDatabase('control');
const cells: Record<string, TestDatabase> = { one: useDatabase(), two: useDatabase() };
const runtime = {
  get control() {
    return control.admin;
  },
  target: { adminConnection: async (cell: string) => cells[cell]?.connection },
} as unknown as Runtime;

const fence = (cell: string, move: Move, wanted: Fence, epoch?: number): Promise<void> =>
  withConnection((cells[cell] as TestDatabase).connection, (client) =>
    setFence(client, runOf(move), wanted, epoch),
  );
const fenceIn = async (cell: string, { tenantId }: Move): Promise<unknown> =>
  (await cells[cell]?.admin.query('SELECT fence FROM ringfence.tenants WHERE id = $1', [tenantId]))?.rows[0]
    ?.fence;
const held = (cell: string) =>
  cells[cell]?.admin.query(`UPDATE ringfence.tenants SET fenced_since = fenced_since - interval '3 minutes'`);
const found = ({ id }: Move): Promise<Move> => recordedMove(control.admin, id);

/** As a process has it that was stopped behind the fence that it drew. */
let stopped: Move;
beforeEach(async () => {
  stopped = await fencedMove(control.admin);
  const clinic = { tenantId: stopped.tenantId, clinicId: randomUUID() };
  await enrolMoved(cells.one as TestDatabase, clinic, true);
  await enrolMoved(cells.two as TestDatabase, clinic, false);
  for (const cell of ['one', 'two'])
    await withConnection((cells[cell] as TestDatabase).connection, (client) =>
      takeOverCell(client, runOf(stopped)),
    );
  await fence('one', stopped, 'closed');
});

test('a fence that goes on is left alone', async () => {
  expect(await freeFence(runtime, stopped)).toBe(false);
  expect([await fenceIn('one', stopped), (await found(stopped)).state]).toEqual(['closed', 'fenced']);
});

test('one that is held is opened, and the process that drew it can neither switch nor fence any more', async () => {
  await held('one');
  expect(await freeFence(runtime, stopped)).toBe(true);
  expect([await fenceIn('one', stopped), (await found(stopped)).state]).toEqual(['open', 'following']);
  const superseded = { code: expect.stringMatching(/^(move_superseded|RF009)$/) };
  const epoch = await nextEpoch(control.admin, stopped);
  await expect(flipHome(control.admin, stopped, epoch)).rejects.toMatchObject(superseded);
  await expect(fence('one', stopped, 'closed')).rejects.toMatchObject(superseded);
});

test('a home that switched just before it is opened where it is, and the source stays closed', async () => {
  await held('one');
  await flipHome(control.admin, stopped, await nextEpoch(control.admin, stopped));
  // As it was read before the switch.
  expect(await freeFence(runtime, stopped)).toBe(true);
  expect([await fenceIn('one', stopped), await fenceIn('two', stopped)]).toEqual(['closed', 'open']);
  expect((await found(stopped)).state).toBe('flipped');
  await expect(fence('two', stopped, 'closed')).rejects.toMatchObject({
    code: expect.stringMatching(/^(move_superseded|RF009)$/),
  });
  // It works on: nothing is to be done.
  expect(await freeFence(runtime, await found(stopped))).toBe(false);
});
