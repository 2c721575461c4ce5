import { expect, test } from 'vitest';
import { HERE, momentNow, SLUG, THERE, useMovedClinic } from './moved-clinic.js';

const clinic = useMovedClinic();
const { project } = clinic;

const restoreControl = async (to: string): Promise<unknown> =>
  project.json(['control', 'restore', '--to', to, '--yes']);

/** Applications come in by the routes that the restored control database gives. */
const expectServed = async (): Promise<void> => {
  const writers = await clinic.startWriters(2);
  await writers.wroteAgain();
  expect(await writers.end()).toEqual([]);
};

test('a control database from before a move learns of it: there, there and back, and after its window', async () => {
  const before = await momentNow();
  await project.json(['tenants', 'move', SLUG, '--to', THERE, '--yes']);
  await expectServed();

  expect(await restoreControl(before)).toMatchObject({ moved: [SLUG] });
  expect(await clinic.home()).toBe(THERE);
  expect((await clinic.move())?.state).toBe('window');
  await expectServed();

  const there = await momentNow();
  const move = await clinic.move();
  await project.json(['operations', 'rollback', move?.id ?? '', '--yes']);
  expect(await clinic.home()).toBe(HERE);
  expect(await restoreControl(there)).toMatchObject({ moved: [SLUG] });
  expect(await clinic.home()).toBe(HERE);
  await expectServed();

  // It is where it was, and its route of then is refused.
  expect(await restoreControl(before)).toMatchObject({ moved: [SLUG] });
  expect(await clinic.home()).toBe(HERE);
  await expectServed();
  expect(await restoreControl(before)).toMatchObject({ moved: [SLUG] });

  await project.json(['tenants', 'move', SLUG, '--to', THERE, '--yes']);
  const inWindow = await momentNow();
  const kept = (await clinic.move())?.id ?? '';
  await project.json(['placements', 'withdraw', SLUG, HERE, '--confirm', SLUG]);
  await restoreControl(inWindow);
  expect((await clinic.move())?.state).toBe('purged');
  const rollback = await project.run(['operations', 'rollback', kept, '--yes']);
  expect([rollback.status, rollback.stderr]).toEqual([1, expect.stringContaining('[conflict]')]);
  await expectServed();
  expect(await restoreControl(before)).toMatchObject({ moved: [SLUG] });
  expect(await clinic.home()).toBe(THERE);
  expect((await clinic.move())?.state).toBe('purged');
  await expectServed();
  expect((await project.run(['tenants', 'apply', SLUG, '--yes'])).status).toBe(0);
  expect((await project.run(['audit', 'verify', SLUG])).status).toBe(0);
});

test('a control database from within a fence opens nothing where the tenant does not live any more', async () => {
  const killed = await project.run(['tenants', 'move', SLUG, '--to', HERE, '--yes'], {
    env: { RINGFENCE_CRASH_AT: 'closed' },
  });
  expect(killed.signal).toBe('SIGKILL');
  const fenced = await momentNow();
  expect((await project.run(await clinic.broken('resume'))).status).toBe(0);
  await expectServed();
  expect(await restoreControl(fenced)).toMatchObject({ moved: [SLUG] });
  expect([await clinic.home(), (await clinic.inCell(THERE))?.fence]).toEqual([HERE, 'closed']);
  const writers = await clinic.startWriters(2);
  expect((await project.run(await clinic.broken('resume'))).status).toBe(0);
  await writers.wroteAgain();
  expect(await writers.end()).toEqual([]);
});

test('a drain that was killed behind the flip opens that tenant too', async () => {
  const drain = ['cells', 'drain', HERE, '--to', THERE, '--yes'];
  await project.json(['placements', 'withdraw', SLUG, THERE, '--confirm', SLUG]);
  const killed = await project.run(drain, { env: { RINGFENCE_CRASH_AT: 'flipped' } });
  expect(killed.signal).toBe('SIGKILL');
  expect(await project.json(drain)).toContainEqual({ slug: SLUG, cell: THERE });
  await expectServed();
});
