import { appendFileSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import {
  ensureLocalServer,
  purgeLocalServer,
  runningLocalServer,
  stopLocalServer,
} from '../../../data-plane/database/server/local-server.js';
import { readRecord } from '../../../data-plane/database/server/record.js';
import { putServerSettings } from '../../../data-plane/database/server/size/put-settings.js';
import {
  findSettings,
  isDifferent,
  readSettings,
  type ServerSettings,
} from '../../../data-plane/database/server/size/settings.js';

const dir = mkdtempSync(join(tmpdir(), 'ringfence-size-'));
afterAll(() => purgeLocalServer(dir));

const AS_MADE: ServerSettings = {
  sharedBuffersMb: 128,
  workMemMb: 4,
  maintenanceWorkMemMb: 64,
  effectiveCacheMb: 4096,
  maxWorkerProcesses: 72,
  maxStreams: 60,
  maxSlots: 70,
  maxSenders: 70,
  maxParallelWorkers: 8,
  maxConnections: 200,
};
const LARGER: ServerSettings = { ...AS_MADE, sharedBuffersMb: 160, workMemMb: 8, maxConnections: 220 };
/** More than any machine has. */
const TOO_LARGE: ServerSettings = { ...AS_MADE, sharedBuffersMb: 8_000_000 };

const admin = async () => ({ ...(await ensureLocalServer(dir)), database: 'postgres' });
const inUse = async () => withConnection(await admin(), readSettings);
const different = async (wanted: ServerSettings) =>
  withConnection(await admin(), async (client) =>
    (await findSettings(client, wanted)).filter(isDifferent).map(({ key, found }) => [key, found]),
  );
const run = async (sql: string) => withConnection(await admin(), (client) => client.query(sql));
const sizeFiles = () =>
  readdirSync(readRecord(dir)?.dataDir ?? '').filter((name) => name.startsWith('size.conf'));
const put = (wanted: ServerSettings, crashAt?: string) =>
  putServerSettings(dir, wanted, (point) => {
    if (point === crashAt) throw new Error(`killed at ${point}`);
  });

test('a server as it was made has the settings of the smallest class, and is left alone', async () => {
  await ensureLocalServer(dir);
  expect(await inUse()).toEqual(AS_MADE);
  expect(await put(AS_MADE)).toBeNull();
  expect(sizeFiles()).toEqual([]);
});

test('what needs no restart is taken over without one, and open sessions go on', async () => {
  await withConnection(await admin(), async (client) => {
    expect(await put({ ...AS_MADE, workMemMb: 6, maxParallelWorkers: 4 })).toBeNull();
    expect((await client.query('SHOW work_mem')).rows).toEqual([{ work_mem: '6MB' }]);
  });
  expect(await inUse()).toMatchObject({ workMemMb: 6, maxParallelWorkers: 4 });
});

test('what needs a restart gets one, whose pause is measured, and stays after a stop', async () => {
  const pauseMs = await put(LARGER);
  expect(pauseMs).toBeGreaterThan(0);
  expect(await inUse()).toEqual(LARGER);
  stopLocalServer(dir);
  expect(await inUse()).toEqual(LARGER);
});

test('settings that the server does not start with are refused, and those before come back', async () => {
  await expect(put(TOO_LARGE)).rejects.toMatchObject({
    code: 'settings_refused',
    message: expect.stringMatching(/shared_buffers = 8000000MB.*: could not map anonymous shared memory/),
  });
  expect(runningLocalServer(dir)).toBeDefined();
  expect(await inUse()).toEqual(LARGER);
  expect(sizeFiles()).toEqual(['size.conf']);
});

test.each(['settings-written', 'server-stopped'])(
  'a run that was killed at %s is run again',
  async (point) => {
    await put(AS_MADE);
    await expect(put(LARGER, point)).rejects.toThrow('killed');
    await put(LARGER);
    expect(await inUse()).toEqual(LARGER);
    expect(sizeFiles()).toEqual(['size.conf']);
  },
);

test('a run that was killed before it knew that the server does not start leaves one that starts', async () => {
  await expect(put(TOO_LARGE, 'server-stopped')).rejects.toThrow('killed');
  expect(await inUse()).toEqual(LARGER);
});

test('a setting that somebody changed is found, also before it is in use, and is put back', async () => {
  await run(`ALTER SYSTEM SET work_mem = '64MB'`);
  await run(`ALTER SYSTEM SET max_connections = 300`);
  await run('SELECT pg_reload_conf()');
  await expect
    .poll(() => different(LARGER))
    .toEqual([
      ['workMemMb', 64],
      ['maxConnections', 300],
    ]);
  expect(await put(LARGER)).toBeNull();
  expect(await different(LARGER)).toEqual([]);
  appendFileSync(join(readRecord(dir)?.dataDir ?? '', 'postgresql.conf'), `shared_buffers = '200MB'\n`);
  stopLocalServer(dir);
  expect(await different(LARGER)).toEqual([['sharedBuffersMb', 200]]);
  expect(await put(LARGER)).toBeGreaterThan(0);
  expect(await different(LARGER)).toEqual([]);
});
