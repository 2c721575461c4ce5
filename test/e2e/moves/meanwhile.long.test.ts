import { renameSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { HERE, SLUG, say, THERE, useMovedClinic } from './moved-clinic.js';

const clinic = useMovedClinic();
const { project } = clinic;
const MOVE_THERE = ['tenants', 'move', SLUG, '--to', THERE, '--yes', '--drain-ms', '3000'];
const WITHDRAW = ['placements', 'withdraw', SLUG, THERE, '--confirm', SLUG];
const rollback = async (): Promise<string[]> => [
  ...['operations', 'rollback', (await clinic.move())?.id ?? ''],
  ...['--yes', '--drain-ms', '3000'],
];

/** After the first base backups, so that cells could be taken back. */
let earlier = '';
beforeAll(async () => {
  await project.json(['backups', 'base']);
  earlier = new Date(Date.now() + 1_000).toISOString();
});

/** Whatever else somebody may ask of the tenant, or of its cells. */
const commands = (): Readonly<Record<string, readonly string[]>> => ({
  'a second move': ['tenants', 'move', SLUG, '--to', HERE, '--yes'],
  'a backup': ['backups', 'run', SLUG],
  'a restore': ['backups', 'restore', SLUG, '--table', 'clinical.services', '--yes'],
  'a suspension': ['tenants', 'suspend', SLUG, '--reason', 'unpaid', '--yes'],
  'an end of a suspension': ['tenants', 'resume', SLUG, '--reason', 'paid', '--yes'],
  'a rotation': ['keys', 'rotate', SLUG, '--settle', '1', '--yes'],
  'an apply': ['tenants', 'apply', SLUG, '--yes'],
  'a removal': ['tenants', 'remove', SLUG, '--confirm', SLUG],
  'an erasure': ['tenants', 'erase', SLUG, '--reason', 'closed', '--confirm', SLUG],
  'the end of a placement': ['placements', 'withdraw', SLUG, THERE, '--confirm', SLUG],
  'the end of the other placement': ['placements', 'withdraw', SLUG, HERE, '--confirm', SLUG],
  'a further placement': ['placements', 'add', SLUG, THERE, '--yes'],
  'the end of the source': ['cells', 'down', HERE, '--purge', '--yes'],
  'the end of the destination': ['cells', 'down', THERE, '--purge', '--yes'],
  'an earlier source': ['cells', 'restore', HERE, '--to', earlier, '--confirm', HERE],
  'an earlier destination': ['cells', 'restore', THERE, '--to', earlier, '--confirm', THERE],
});
/** What goes on in the window. It is undone by itself, or nothing is changed by it. */
const IN_WINDOW = [
  'a backup',
  'a restore',
  'a suspension',
  'an end of a suspension',
  'a rotation',
  'an apply',
];
/** What goes on while the tenant works at its source as before. */
const BEFORE_FENCE = ['a backup', 'a suspension', 'an end of a suspension', 'a rotation'];
/** A refusal says what stands against it. */
const IN_WORDS =
  /error \[(conflict|tenant_busy|erasure_held|usage)\] .*(is being moved|has moved|is at home|move is not over|tenants live|lives? in|has no |not over|no window|kept in cell|works|going back)/;

const askAll = async (goesOn: readonly string[], except: readonly string[] = []): Promise<string[]> => {
  const found: string[] = [];
  for (const [what, args] of Object.entries(commands())) {
    if (except.includes(what)) continue;
    const { status, stderr } = await project.run(args);
    if (goesOn.includes(what)) {
      if (status !== 0) found.push(`${what} exited with ${status}: ${stderr}`);
    } else if (status === 0) found.push(`${what} was done`);
    else if (!IN_WORDS.test(stderr) || !stderr.includes('fix:')) found.push(`${what}: ${stderr}`);
  }
  for (const line of found) say(`! ${line}`);
  return found;
};

test.each([
  ['caught-up', BEFORE_FENCE],
  ['arrived', []],
  ['flipped', []],
] as const)(
  'whatever is asked for while a move is broken off at %s is done or refused in words',
  async (point, goesOn) => {
    const problems = await clinic.killAt(point, MOVE_THERE);
    // A second move to another cell is refused, one to the same goes on; the tenant's home is no longer an answer after the flip.
    problems.push(...(await askAll(goesOn)));
    problems.push(...(await clinic.finish(MOVE_THERE)));
    const writers = await clinic.startWriters(2);
    problems.push(...(await clinic.finish(await rollback())), ...(await clinic.finish(WITHDRAW)));
    await writers.wroteAgain();
    expect([...problems, ...(await writers.end()), ...(await clinic.unsettled(HERE))]).toEqual([]);
  },
);

test('in the window it goes on, but for what would lose the way back', async () => {
  const problems = await clinic.finish(MOVE_THERE);
  problems.push(...(await askAll(IN_WINDOW, ['the end of the other placement', 'an erasure'])));
  const writers = await clinic.startWriters(2);
  problems.push(...(await clinic.finish(await rollback())), ...(await clinic.finish(WITHDRAW)));
  await writers.wroteAgain();
  expect([...problems, ...(await writers.end()), ...(await clinic.unsettled(HERE))]).toEqual([]);
});

test('a tenant that is to be erased is not moved, and its move in the window ends first', async () => {
  const erase = (...more: string[]) => project.run(['tenants', 'erase', SLUG, '--reason', 'closed', ...more]);
  expect(await clinic.finish(MOVE_THERE)).toEqual([]);
  await erase('--confirm', SLUG);
  expect((await project.run(['tenants', 'move', SLUG, '--to', HERE, '--yes'])).stderr).toContain(
    '[conflict]',
  );
  expect((await erase('--cancel', '--yes')).status).toBe(0);
  expect(await clinic.finish(await rollback())).toEqual([]);
  expect(await clinic.finish(WITHDRAW)).toEqual([]);
  expect(await clinic.unsettled(HERE)).toEqual([]);
});

test('a suspended tenant stays suspended, there and back', async () => {
  await project.json(['tenants', 'suspend', SLUG, '--reason', 'unpaid', '-y']);
  const state = async (cell: string) =>
    project.cell(cell, 'SELECT state, fence FROM ringfence.tenants WHERE id = $1', [clinic.ids.tenantId]);
  expect(await clinic.finish(MOVE_THERE)).toEqual([]);
  expect(await state(THERE)).toEqual([{ state: 'suspended', fence: 'open' }]);
  expect(await clinic.finish(await rollback())).toEqual([]);
  expect(await state(HERE)).toEqual([{ state: 'suspended', fence: 'open' }]);
  expect(await clinic.finish(WITHDRAW)).toEqual([]);
  await project.json(['tenants', 'resume', SLUG, '--reason', 'paid', '-y']);
  const writers = await clinic.startWriters(1);
  expect([...(await writers.end()), ...(await clinic.unsettled(HERE))]).toEqual([]);
});

test('every clinic moves, a closed one too', async () => {
  const { ids } = clinic;
  const two = { slug: 'segunda', name: 'Segunda', vertical: 'dental' as const };
  const one = { slug: 'centro', name: 'Centro', vertical: 'dental' as const };
  const quotas = { requestsPerMinute: 10_000_000, computeSecondsPerDay: 8_640_000 };
  project.manifest(SLUG, { type: 'multi-branch', clinics: [one, two], quotas });
  await project.json(['tenants', 'apply', SLUG, '--yes']);
  const [second] = await project.cell<{ id: string }>(
    HERE,
    `SELECT id FROM ringfence.clinics WHERE tenant_id = $1 AND slug = 'segunda'`,
    [ids.tenantId],
  );
  await project.cell(
    HERE,
    `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'Kept', 30)`,
    [second?.id],
  );
  project.manifest(SLUG, { clinics: [one], quotas });
  await project.json(['tenants', 'apply', SLUG, '--yes']);
  const rows = (cell: string) =>
    project.cell(
      cell,
      `SELECT c.slug, c.state, (SELECT count(*)::int FROM clinical.services s WHERE s.clinic_id = c.id) AS services,
              (SELECT count(*)::int FROM clinical.patients p WHERE p.clinic_id = c.id) AS patients
         FROM ringfence.clinics c WHERE tenant_id = $1 ORDER BY slug`,
      [ids.tenantId],
    );
  const before = await rows(HERE);
  expect(before).toMatchObject([
    { slug: 'centro', state: 'active' },
    { slug: 'segunda', state: 'closed', services: 1 },
  ]);
  expect(await clinic.finish(MOVE_THERE)).toEqual([]);
  expect(await rows(THERE)).toEqual(before);
  expect(await clinic.finish(['placements', 'withdraw', SLUG, HERE, '--confirm', SLUG])).toEqual([]);
  expect(await clinic.finish(['tenants', 'move', SLUG, '--to', HERE, '--yes'])).toEqual([]);
  expect(await rows(HERE)).toEqual(before);
  expect(await clinic.finish(WITHDRAW)).toEqual([]);
});

test('the source opens again by an abort though the destination is gone, and the rest is undone when it is back', async () => {
  const writers = await clinic.startWriters(2);
  const problems = await clinic.killAt('arrived', MOVE_THERE);
  const there = project.servers().find(({ name }) => name === THERE);
  process.kill(there?.pid ?? 0, 'SIGKILL');
  await expect.poll(() => project.servers().find(({ name }) => name === THERE)?.pid).toBe(undefined);
  const data = there?.dataDir ?? '';
  renameSync(data, `${data}.away`);
  const { status } = await project.run(await clinic.broken('abort'));
  expect(status).not.toBe(0);
  expect((await clinic.inCell(HERE))?.fence).toBe('open');
  await writers.wroteAgain();
  renameSync(`${data}.away`, data);
  const again = await project.run(await clinic.broken('abort'));
  expect([again.status, again.stderr]).toEqual([0, expect.any(String)]);
  await writers.wroteAgain();
  expect([...problems, ...(await writers.end()), ...(await clinic.unsettled(HERE))]).toEqual([]);
});

test('doctor names what a move that is over has left, and a repair of the cell drops it', async () => {
  await project.cell(
    HERE,
    `CREATE ROLE rf_move_0badcafe_reader LOGIN REPLICATION; CREATE PUBLICATION rf_move_0badcafe_3_there`,
  );
  await project.cell(
    HERE,
    `SELECT pg_create_logical_replication_slot('rf_move_0badcafe_3_there', 'pgoutput')`,
  );
  await project.cell(
    THERE,
    `CREATE SUBSCRIPTION rf_move_0badcafe_3_there CONNECTION 'host=127.0.0.1 port=1 dbname=none' PUBLICATION none
       WITH (connect = false, slot_name = NONE)`,
  );
  const { status, stdout } = await project.run(['doctor']);
  expect(status).not.toBe(0);
  for (const kind of ['slot', 'publication', 'subscription'])
    expect(stdout).toContain(`${kind} rf_move_0badcafe_3_there`);
  expect(stdout).toContain('login rf_move_0badcafe_reader');
  for (const cell of [HERE, THERE]) await project.json(['cells', 'repair', cell, '--yes']);
  expect(await clinic.streams()).toEqual([]);
});
