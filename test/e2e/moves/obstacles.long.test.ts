import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createAccess, openLocalProject } from '../../../data-plane/access/index.js';
import { AUDIENCE, ISSUER, identityProvider } from '../../data-plane/access/token-maker.js';
import { filesBelow } from '../../support/cli.js';
import { isMountable } from '../../support/small-disk.js';
import { HERE, SLUG, THERE, useMovedClinic } from './moved-clinic.js';

const clinic = useMovedClinic();
const { project } = clinic;
const MOVE_THERE = ['tenants', 'move', SLUG, '--to', THERE, '--yes', '--drain-ms', '300'];
const WITHDRAW = ['placements', 'withdraw', SLUG, THERE, '--confirm', SLUG];
const rollback = async (): Promise<string[]> => [
  ...['operations', 'rollback', (await clinic.move())?.id ?? ''],
  ...['--yes', '--drain-ms', '3000'],
];
/** There and home again, with what is wrong then. */
const finishAll = async (): Promise<string[]> => [
  ...(await clinic.finish(await rollback())),
  ...(await clinic.finish(WITHDRAW)),
  ...(await clinic.unsettled(HERE)),
];
const restart = async (cell: string): Promise<void> => {
  await project.json(['cells', 'down', cell]);
  await project.json(['cells', 'up', cell]);
};
const resume = async () => project.run(await clinic.broken('resume'));

test('a long transaction: the fence is opened again and tried again, and who stands in the way is named', async () => {
  const idp = identityProvider();
  const opened = openLocalProject(project.home);
  const access = createAccess({
    ...opened,
    keys: idp.keys,
    issuer: ISSUER,
    audience: AUDIENCE,
    timeoutMs: 300_000,
  });
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const writers = await clinic.startWriters(2);
  const long = access.run(
    idp.token(clinic.ids.clinicId, { sub: clinic.ids.userId }),
    clinic.ids.clinicId,
    async (db) => {
      await db.query(`INSERT INTO clinical.services (name, duration_minutes) VALUES ('long', 30)`);
      const { rows } = await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await held;
      return rows[0]?.pid;
    },
  );
  // Postgres waits for it before a stream begins, so it is let go there and comes again before the fence.
  const killed = clinic.killAt('return-slot-made', MOVE_THERE);
  await expect.poll(async () => (await clinic.move())?.state).toBe('copying');
  letGo();
  expect([await killed, await long]).toEqual([[], expect.any(Number)]);
  const again = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const longer = access.run(
    idp.token(clinic.ids.clinicId, { sub: clinic.ids.userId }),
    clinic.ids.clinicId,
    async (db) => {
      const { rows } = await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await again;
      return rows[0]?.pid;
    },
  );
  const { status, stderr } = await resume();
  letGo();
  const pid = await longer;
  expect([status, stderr]).toEqual([1, expect.stringContaining('tenant_busy')]);
  expect(stderr).toContain(`process ${pid} since`);
  expect((await clinic.inCell(HERE))?.fence).toBe('open');
  await writers.wroteAgain();
  expect(await clinic.finish(MOVE_THERE)).toEqual([]);
  await access.close();
  await opened.close();
  await writers.wroteAgain();
  expect([...(await finishAll()), ...(await writers.end())]).toEqual([]);
});

test('a prepared transaction is named too', async () => {
  await project.cell(HERE, 'ALTER SYSTEM SET max_prepared_transactions = 5');
  await restart(HERE);
  expect(await clinic.killAt('return-slot-made', MOVE_THERE)).toEqual([]);
  await project.cell(
    HERE,
    `BEGIN; INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ('${clinic.ids.clinicId}', 'prepared', 30);
     PREPARE TRANSACTION 'half'`,
  );
  // The slot of the way back is at the other end, so nothing else waits for it.
  const { status, stderr } = await resume();
  expect([status, stderr]).toEqual([1, expect.stringMatching(/tenant_busy.*a prepared transaction/)]);
  expect((await clinic.inCell(HERE))?.fence).toBe('open');
  await project.cell(HERE, `COMMIT PREPARED 'half'`);
  expect(await clinic.finish(MOVE_THERE)).toEqual([]);
  const [moved] = await project.cell<{ count: number }>(
    THERE,
    `SELECT count(*)::int AS count FROM clinical.services WHERE clinic_id = $1 AND name = 'prepared'`,
    [clinic.ids.clinicId],
  );
  expect(moved?.count).toBe(1);
  expect(await finishAll()).toEqual([]);
});

test('a destination of another schema is refused in words, and nothing is left of the try', async () => {
  await project.cell(
    HERE,
    `CREATE TABLE shop.only_here (clinic_id uuid NOT NULL, id uuid, PRIMARY KEY (clinic_id, id)); ALTER TABLE shop.only_here OWNER TO ringfence_owner;
     SELECT ringfence.protect('shop.only_here')`,
  );
  const { status, stderr } = await project.run(MOVE_THERE);
  expect([status, stderr]).toEqual([5, expect.stringContaining('shop.only_here is missing')]);
  const id = (await clinic.move())?.id ?? '';
  // What differs has to be changed, so the refusal has unlocked it.
  await project.cell(HERE, 'ALTER TABLE shop.only_here ADD COLUMN more int');
  await project.json(['operations', 'abort', id, '--yes']);
  await project.cell(HERE, 'DROP TABLE shop.only_here');
  expect(await clinic.unsettled(HERE)).toEqual([]);
});

test('a stream that fell behind is lost: before the flip the rows are copied again, in the window a rollback copies them', async () => {
  const lose = async (from: string, to: string): Promise<void> => {
    const [stream] = await project.cell<{ name: string }>(to, 'SELECT subname AS name FROM pg_subscription');
    await project.cell(to, `ALTER SUBSCRIPTION ${stream?.name} DISABLE`);
    await project.cell(from, `ALTER SYSTEM SET max_slot_wal_keep_size = '8MB'`);
    await project.cell(from, 'SELECT pg_reload_conf()');
    const status = async () => {
      await project.cell(
        from,
        `CREATE TABLE public.noise AS SELECT repeat('x', 1000) AS x FROM generate_series(1, 20000)`,
      );
      await project.cell(from, 'DROP TABLE public.noise');
      await project.cell(from, 'SELECT pg_switch_wal()');
      await project.cell(from, 'CHECKPOINT');
      const [slot] = await project.cell<{ status: string }>(
        from,
        'SELECT wal_status AS status FROM pg_replication_slots WHERE slot_name = $1',
        [stream?.name],
      );
      return slot?.status;
    };
    await expect.poll(status).toBe('lost');
  };
  const writers = await clinic.startWriters(2);
  const problems = await clinic.killAt('caught-up', MOVE_THERE);
  await lose(HERE, THERE);
  const { status, stderr } = await resume();
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  await writers.wroteAgain();
  await lose(THERE, HERE);
  await writers.wroteAgain();
  expect((await project.run(['doctor'])).stdout).toMatch(/the stream back of move .* is lost/);
  problems.push(...(await finishAll()));
  await writers.wroteAgain();
  expect([...problems, ...(await writers.end())]).toEqual([]);
});

test('a cell that came back from its history: the streams begin anew', async () => {
  await project.json(['backups', 'base']);
  const lost = async (cell: string): Promise<void> => {
    const server = project.servers().find(({ name }) => name === cell);
    await project.json(['cells', 'down', cell]);
    execFileSync('rm', ['-rf', server?.dataDir ?? '/nowhere']);
    await project.json(['cells', 'restore', cell, '--yes']);
  };
  for (const [point, cell] of [
    ['caught-up', HERE],
    ['caught-up', THERE],
  ] as const) {
    expect(await clinic.killAt(point, MOVE_THERE)).toEqual([]);
    await lost(cell);
    expect(await clinic.finish(MOVE_THERE)).toEqual([]);
    await lost(cell);
    expect(await finishAll()).toEqual([]);
  }
});

test('a control database that came back from before the flip: the flip is recorded again', async () => {
  expect(await clinic.killAt('arrived', MOVE_THERE)).toEqual([]);
  const before = await project.control<{ row: string; taken: string }>(
    'SELECT to_jsonb(m)::text AS row, clock_timestamp()::text AS taken FROM control.moves m ORDER BY started_at DESC LIMIT 1',
  );
  expect(await clinic.finish(MOVE_THERE)).toEqual([]);
  const writers = await clinic.startWriters(1);
  await writers.wroteAgain();
  // As an earlier copy of the control database has it.
  const { state, source, destination, stream, return_stream, attempt, id } = JSON.parse(
    before[0]?.row ?? '{}',
  );
  const taken = before[0]?.taken;
  const place = (cell: string, to: string) =>
    `UPDATE control.placements SET state = '${to}' WHERE tenant_id = '${clinic.ids.tenantId}' AND cell = '${cell}'`;
  await project.control(
    `BEGIN;
     UPDATE control.moves SET state = '${state}', source = '${source}', destination = '${destination}', stream = '${stream}',
            return_stream = '${return_stream}', attempt = ${attempt} WHERE id = '${id}';
     ${place(THERE, 'leaving')}; ${place(HERE, 'home')}; ${place(THERE, 'arriving')};
     UPDATE control.tenants SET cell = '${HERE}' WHERE id = '${clinic.ids.tenantId}';
     UPDATE control.operations SET state = 'running' WHERE id = '${id}';
     DELETE FROM control.operation_steps WHERE operation_id = '${id}' AND at > '${taken}';
     COMMIT`,
  );
  expect((await project.run(['operations', 'abort', id, '--yes'])).stderr).toContain(
    `the home is cell ${THERE} already`,
  );
  expect(await clinic.finish(MOVE_THERE)).toEqual([]);
  await writers.wroteAgain();
  expect([await clinic.home(), (await clinic.move())?.state]).toEqual([THERE, 'window']);
  expect([...(await finishAll()), ...(await writers.end())]).toEqual([]);
});

/** Mounted over the data of a server that is stopped. */
let mounted = '';
afterAll(() => {
  if (mounted) execFileSync('umount', ['-l', mounted]);
});
test.skipIf(!isMountable)(
  'a full disk at the destination: the tenant works on, and the move ends when there is room',
  async () => {
    await project.cell(
      HERE,
      `INSERT INTO clinical.services (clinic_id, name, duration_minutes) SELECT $1, repeat('x', 900) || n, 30 FROM generate_series(1, 40000) n`,
      [clinic.ids.clinicId],
    );
    const base = join(project.servers().find(({ name }) => name === THERE)?.dataDir ?? '', 'base');
    const used = filesBelow(base).reduce((sum, file) => sum + statSync(file).size, 0);
    const { uid, gid } = statSync(base);
    const down = () => project.json(['cells', 'down', THERE]);
    const swap = async (work: () => void): Promise<void> => {
      await down();
      work();
      await project.json(['cells', 'up', THERE]);
    };
    await swap(() => {
      execFileSync('cp', ['-a', base, `${base}.copy`]);
      const size = Math.ceil(used / 1024) + 16_000;
      execFileSync('mount', [
        '-t',
        'tmpfs',
        '-o',
        `size=${size}k,mode=0700,uid=${uid},gid=${gid}`,
        'tmpfs',
        base,
      ]);
      mounted = base;
      for (const name of readdirSync(`${base}.copy`))
        execFileSync('cp', ['-a', join(`${base}.copy`, name), base]);
    });
    const writers = await clinic.startWriters(2);
    const { status, stderr } = await project.run(MOVE_THERE);
    expect([status, stderr]).toEqual([4, expect.stringContaining('disk_full')]);
    await writers.wroteAgain();
    await swap(() => {
      execFileSync('rm', ['-rf', `${base}.copy`]);
      execFileSync('cp', ['-a', base, `${base}.copy`]);
      execFileSync('umount', [base]);
      mounted = '';
      execFileSync('rm', ['-rf', base]);
      execFileSync('mv', [`${base}.copy`, base]);
    });
    expect(await clinic.finish(MOVE_THERE)).toEqual([]);
    await writers.wroteAgain();
    expect([...(await finishAll()), ...(await writers.end())]).toEqual([]);
  },
);
