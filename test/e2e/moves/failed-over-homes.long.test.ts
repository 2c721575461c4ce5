import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replicaDataDir } from '../../../data-plane/database/server/replica-place.js';
import { HERE, SLUG, THERE, useMovedClinic } from './moved-clinic.js';

const clinic = useMovedClinic();
const { project } = clinic;

const serverOf = (cell: string) => {
  const server = project.servers().find(({ name }) => name === cell);
  if (server?.pid === undefined) throw new Error(`cell ${cell} does not run`);
  return { pid: server.pid, dataDir: server.dataDir };
};

/** Gives a cell a replica that gets nothing any more. */
const makeLaggingReplica = async (cell: string): Promise<void> => {
  await project.json(['cells', 'up', cell, '--replicas', '1']);
  await expect
    .poll(() => project.json(['cells', 'status', cell]), { timeout: 60_000 })
    .toMatchObject({ replica: { state: 'streaming', lagBytes: 0 } });
  process.kill(receiverOf(cell), 'SIGSTOP');
};

const replicaPid = (cell: string): number =>
  Number(readFileSync(join(replicaDataDir(serverOf(cell).dataDir), 'postmaster.pid'), 'utf8').split('\n')[0]);

const receiverOf = (cell: string): number => {
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(replicaPid(cell))], {
    encoding: 'utf8',
  });
  const receiver = children.split('\n').find((line) => line.includes('walreceiver'));
  return Number(receiver?.trim().split(' ')[0]);
};

/** The primary dies with what its replica has not got. */
const loseAndFailOver = async (cell: string): Promise<void> => {
  const pids = [replicaPid(cell), receiverOf(cell), serverOf(cell).pid];
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await expect
    .poll(() => project.json(['cells', 'status', cell]), { timeout: 60_000 })
    .toMatchObject({ state: 'stopped' });
  const { status, stderr } = await project.run(['cells', 'failover', cell, '--confirm', cell]);
  expect([status, stderr]).toEqual([0, expect.anything()]);
};

const write = async (): Promise<void> => {
  const writers = await clinic.startWriters(2);
  await writers.wroteAgain();
  expect(await writers.end()).toEqual([]);
};
/** Every write is one. */
const eventsAt = async (cell: string): Promise<number> =>
  (
    await project.cell<{ count: number }>(
      cell,
      'SELECT count(*)::int AS count FROM ringfence.audit_chain WHERE tenant_id = $1',
      [clinic.ids.tenantId],
    )
  )[0]?.count ?? 0;

/** The home loses what has arrived in the cell that the tenant came from. @returns the events that are there. */
const loseWhatTheOtherCellHas = async (): Promise<number> => {
  await makeLaggingReplica(THERE);
  await write();
  const all = await eventsAt(THERE);
  await expect.poll(() => eventsAt(HERE), { timeout: 30_000 }).toBe(all);
  await loseAndFailOver(THERE);
  return all;
};

test('an old home that fails over to an earlier state stays closed, and the way back copies', async () => {
  await write();
  await makeLaggingReplica(HERE);
  await project.json(['tenants', 'move', SLUG, '--to', THERE, '--yes']);
  await write();
  await loseAndFailOver(HERE);
  expect(await clinic.inCell(HERE)).toMatchObject({ fence: 'closed' });
  expect(await clinic.home()).toBe(THERE);
  await write();
  const all = await eventsAt(THERE);
  expect(await eventsAt(HERE)).toBeLessThan(all);
  await project.json(['operations', 'rollback', (await clinic.move())?.id ?? '', '--yes']);
  expect(await clinic.home()).toBe(HERE);
  expect(await eventsAt(HERE)).toBeGreaterThanOrEqual(all);
  await write();
});

test('no way back deletes what a home has lost that failed over to an earlier state', async () => {
  const id = (await clinic.move())?.id ?? '';
  await project.json(['operations', 'rollback', id, '--yes']);
  expect(await clinic.home()).toBe(THERE);
  const all = await loseWhatTheOtherCellHas();
  expect(await eventsAt(THERE)).toBeLessThan(all);

  // Nothing was written there since: the other cell has all, and more.
  await project.json(['operations', 'rollback', id, '--yes']);
  expect(await clinic.home()).toBe(HERE);
  expect(await eventsAt(HERE)).toBeGreaterThanOrEqual(all);
  expect(await clinic.inCell(THERE)).toMatchObject({ fence: 'closed' });
  await write();
});

test('where both cells have writes that the other one lacks, a person decides', async () => {
  const id = (await clinic.move())?.id ?? '';
  await project.json(['operations', 'rollback', id, '--yes']);
  expect(await clinic.home()).toBe(THERE);
  const all = await loseWhatTheOtherCellHas();
  await write();

  const bothHaveMore = await project.run(['operations', 'rollback', id, '--yes']);
  expect([bothHaveMore.status, bothHaveMore.stderr]).toEqual([
    expect.any(Number),
    expect.stringMatching(/has \d+ events of the tenant that its home.*--accept-loss/s),
  ]);
  expect(bothHaveMore.status).not.toBe(0);
  expect([await clinic.home(), await eventsAt(HERE)]).toEqual([THERE, all]);
  expect((await project.run(await clinic.broken('abort'))).status).toBe(0);
  await write();

  const left = await eventsAt(THERE);
  await project.json(['operations', 'rollback', id, '--yes', '--accept-loss']);
  expect(await clinic.home()).toBe(HERE);
  expect(await eventsAt(HERE)).toBeGreaterThanOrEqual(left);
  await write();
});
