import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { archiveUntilNow } from '../../../data-plane/backup/cell/archived-wal.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import {
  ensureLocalServer,
  type LocalServer,
  localServerStatus,
  purgeLocalServer,
  runningLocalServer,
  stopLocalServer,
} from '../../../data-plane/database/server/local-server.js';
import { readRecord } from '../../../data-plane/database/server/record.js';

const isRoot = process.getuid?.() === 0;

let root: string;
const place = (name: string): string => join(root, name);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ringfence-moved-'));
});
afterEach(() => {
  for (const name of ['one', 'two', 'three']) purgeLocalServer(place(name));
  rmSync(root, { recursive: true, force: true });
});

const query = (server: LocalServer, sql: string) =>
  withConnection({ ...server, database: 'postgres' }, async (client) => (await client.query(sql)).rows);
const write = (server: LocalServer, word: string) =>
  query(server, `CREATE TABLE IF NOT EXISTS words (word text); INSERT INTO words VALUES ('${word}')`);
const words = async (server: LocalServer): Promise<string[]> =>
  (await query(server, 'SELECT word FROM words ORDER BY word')).map(({ word }) => word);
const copy = (from: string, to: string): void =>
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
/** As versions before wrote it. */
const writeEarlier = (dir: string, dataDir: string): void => {
  const { id: _, dataMade: __, ...record } = JSON.parse(readFileSync(join(dir, 'server.json'), 'utf8'));
  writeFileSync(join(dir, 'server.json'), JSON.stringify({ ...record, dataDir }));
};
/** Node’s copies belong to whoever makes them. */
const giveTo = (account: string, dir: string): void => {
  if (isRoot) execFileSync('chown', ['-R', `${account}:`, dir]);
};

describe('a folder that the server’s account may enter', () => {
  beforeEach(() => chmodSync(root, 0o755));

  test('a copy has data of its own, also one that was made while the server ran', async () => {
    const one = await ensureLocalServer(place('one'));
    await write(one, 'first');
    copy(place('one'), place('two'));
    giveTo('postgres', join(place('two'), 'data'));
    expect(localServerStatus(place('two'))).toBe('stopped');
    stopLocalServer(place('two'));
    expect(runningLocalServer(place('one'))?.port).toBe(one.port);

    const two = await ensureLocalServer(place('two'));
    expect(two.port).not.toBe(one.port);
    await write(two, 'second');
    expect(await words(two)).toEqual(['first', 'second']);
    purgeLocalServer(place('two'));
    expect(await words(one)).toEqual(['first']);
  });

  test('a folder that was moved while its server ran goes on, and what is at the old path stays as it is', async () => {
    const one = await ensureLocalServer(place('one'));
    await write(one, 'first');
    renameSync(place('one'), place('three'));
    const atOldPath = join(place('one'), 'data', 'global', 'pg_control');
    mkdirSync(dirname(atOldPath), { recursive: true });
    writeFileSync(atOldPath, 'another server’s');
    giveTo('postgres', place('one'));
    expect(localServerStatus(place('three'))).toBe('stopped');
    const three = await ensureLocalServer(place('three'));
    expect(three.port).toBe(one.port);
    await query(three, 'CHECKPOINT');
    expect(await words(three)).toEqual(['first']);
    expect(readFileSync(atOldPath, 'utf8')).toBe('another server’s');
    expect(existsSync(join(place('three'), 'data', 'PG_VERSION'))).toBe(true);
    rmSync(place('one'), { recursive: true });
  });

  test('a record of an earlier version, whose path is absolute, is taken over where its folder is now', async () => {
    await write(await ensureLocalServer(place('one')), 'first');
    stopLocalServer(place('one'));
    chmodSync(root, 0o700);
    if (isRoot)
      await expect(ensureLocalServer(place('one'))).rejects.toMatchObject({ code: 'permission_denied' });
    chmodSync(root, 0o755);
    const before = join(place('one'), 'data');
    renameSync(place('one'), place('two'));
    writeEarlier(place('two'), before);
    expect(await words(await ensureLocalServer(place('two')))).toEqual(['first']);
    expect(existsSync(place('one'))).toBe(false);
    expect(readFileSync(join(place('two'), 'server.json'), 'utf8')).toContain('"dataDir": "data"');
  });

  test('data that a link leads to is shared by no copy', async () => {
    await write(await ensureLocalServer(place('one')), 'first');
    stopLocalServer(place('one'));
    renameSync(join(place('one'), 'data'), place('three'));
    symlinkSync(place('three'), join(place('one'), 'data'));
    const one = await ensureLocalServer(place('one'), { archiving: true });
    await withConnection({ ...one, database: 'postgres' }, (client) =>
      archiveUntilNow(client, join(place('one'), 'data')),
    );
    cpSync(place('one'), place('two'), { recursive: true, verbatimSymlinks: true });
    await expect(ensureLocalServer(place('two'))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`belongs to ${place('one')}`),
    });
    purgeLocalServer(place('two'));
    expect(await words(one)).toEqual(['first']);
    purgeLocalServer(place('one'));
    expect(existsSync(place('three'))).toBe(false);
  });
});

test.skipIf(!isRoot)(
  'data outside a closed folder is its original’s, and goes along with a move',
  async () => {
    const one = await ensureLocalServer(place('one'));
    await write(one, 'first');
    const { dataDir } = readRecord(place('one')) ?? { dataDir: '' };
    expect(dataDir.startsWith('/var/lib/ringfence/')).toBe(true);
    copy(place('one'), place('two'));
    const refused = { code: 'conflict', message: expect.stringContaining(`belongs to ${place('one')}`) };
    await expect(ensureLocalServer(place('two'))).rejects.toMatchObject(refused);
    for (const look of [localServerStatus, runningLocalServer, stopLocalServer])
      expect(() => look(place('two'))).toThrow(`belongs to ${place('one')}`);
    purgeLocalServer(place('two'));
    expect(await words(one)).toEqual(['first']);

    renameSync(place('one'), place('three'));
    expect(runningLocalServer(place('three'))?.port).toBe(one.port);
    await ensureLocalServer(place('three'));
    expect(JSON.parse(readFileSync(`${dataDir}.owner.json`, 'utf8')).dir).toBe(place('three'));
    purgeLocalServer(place('three'));
    expect(existsSync(dirname(dataDir))).toBe(false);
  },
);

describe('data that is lost', () => {
  const lost = { code: 'data_lost', fix: 'the way back' };
  const ensure = (name: string) =>
    ensureLocalServer(place(name), { whenLost: { what: 'the server', fix: 'the way back' } });
  const dataDir = () => readRecord(place('one'))?.dataDir ?? '';

  test('is never made anew: neither the whole folder, nor a part of it, nor a record that is gone with it', async () => {
    const { port } = await ensureLocalServer(place('one'), { archiving: true });
    const data = dataDir();
    rmSync(data, { recursive: true });
    expect(localServerStatus(place('one'))).toBe('lost');
    await expect(ensure('one')).rejects.toMatchObject(lost);
    expect(existsSync(data)).toBe(false);
    // The server that lost its folder takes no more writes.
    stopLocalServer(place('one'));
    await expect
      .poll(() =>
        withConnection(
          { host: '127.0.0.1', port, user: 'nobody', password: '', database: 'postgres' },
          async () => 'up',
        ).catch(({ code }) => code),
      )
      .toBe('database_unavailable');

    mkdirSync(join(data, 'pg_wal'), { recursive: true });
    expect(localServerStatus(place('one'))).toBe('lost');
    rmSync(join(place('one'), 'server.json'));
    await expect(ensure('one')).rejects.toMatchObject(lost);
    expect(localServerStatus(place('one'))).toBe('lost');
    rmSync(data, { recursive: true });
    await expect(ensure('one')).rejects.toMatchObject(lost);
    purgeLocalServer(place('one'));
    expect(localServerStatus(place('one'))).toBe('absent');
  });
});
