import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveUntilNow } from '../../../../data-plane/backup/cell/archived-wal.js';
import { leaveNewerArchive } from '../../../../data-plane/backup/cell/diverged-archive.js';
import { localHistory } from '../../../../data-plane/backup/cell/local-history.js';
import { restoreServer } from '../../../../data-plane/backup/cell/restore-server.js';
import { findServerFolders } from '../../../../data-plane/backup/cell/server-folders.js';
import { type Connection, withConnection } from '../../../../data-plane/database/connect.js';
import {
  ensureLocalServer,
  localServerStatus,
  purgeLocalServer,
  runningLocalServer,
  stopLocalServer,
} from '../../../../data-plane/database/server/local-server.js';
import { cellLoss } from '../../../../data-plane/database/server/lost-data.js';
import { postmasterPid } from '../../../../data-plane/database/server/postmaster.js';
import { readRecord } from '../../../../data-plane/database/server/record.js';
import { loseFolder } from '../../../support/lose-folder.js';

const DATABASE = 'postgres';
const dir = mkdtempSync(join(tmpdir(), 'ringfence-restore-'));
// The server's account may enter it, so that its data lies in it and is copied with it.
chmodSync(dir, 0o755);
const dataDir = () => readRecord(dir)?.dataDir ?? '';
const connect = async (): Promise<Connection> => {
  const server = runningLocalServer(dir);
  if (!server) throw new Error(`no server runs in ${dir}`);
  return { ...server, database: DATABASE };
};
const history = localHistory({ dir, connect, reached: () => undefined });
const query = async (sql: string, admin?: Connection) =>
  withConnection(admin ?? (await connect()), async (client) => (await client.query(sql)).rows);
const words = async (admin?: Connection): Promise<string[]> =>
  (await query('SELECT word FROM words ORDER BY at', admin)).map(({ word }) => word);
const write = (word: string) => query(`INSERT INTO words VALUES ('${word}')`);
/** A moment that nothing else happens in. */
const moment = async (): Promise<Date> => {
  await pause(5);
  const [row] = await query('SELECT clock_timestamp() AS now');
  await pause(5);
  return row.now;
};
const restore = (options: { to?: Date; work?: (admin: Connection) => Promise<unknown> } = {}) =>
  restoreServer({
    dir,
    to: options.to,
    database: DATABASE,
    now: () => new Date(),
    reached: () => undefined,
    work: options.work ?? (async () => undefined),
  });

beforeAll(async () => {
  await ensureLocalServer(dir, { archiving: true });
  await query('CREATE TABLE words (word text, at timestamptz DEFAULT clock_timestamp())');
  await history.upkeep(7);
});
afterAll(() => purgeLocalServer(dir));

test('a server that lost its data and its record comes back to the end of its WAL, and its history goes on', async () => {
  await write('archived');
  await history.upkeep(7);
  await write('in the WAL that is left');
  const beforeLoss = await moment();
  // All but the WAL; the superuser's password too.
  for (const name of readdirSync(dataDir())) if (name !== 'pg_wal') loseFolder(join(dataDir(), name));
  const kept = dataDir();
  rmSync(join(dir, 'server.json'));
  expect(localServerStatus(dir)).toBe('lost');
  await expect(ensureLocalServer(dir)).rejects.toMatchObject({ code: 'data_lost' });
  const restored = await restore({ work: async (admin) => expect(await words(admin)).toHaveLength(2) });
  expect(await words()).toEqual(['archived', 'in the WAL that is left']);
  expect(restored.lastCommitAt.getTime()).toBeLessThanOrEqual(beforeLoss.getTime());
  expect(readdirSync(restored.keptData ?? '')).toEqual(['pg_wal']);
  expect(dataDir()).toBe(kept);
  expect(existsSync(join(dirname(kept), 'copy'))).toBe(false);

  const after = await moment();
  await write('after the restore');
  const written = await moment();
  await history.upkeep(7);
  for (const [at, found] of [
    [beforeLoss, 2],
    [after, 2],
    [written, 3],
  ] as const)
    expect(await history.inCopyAt(at, words), at.toISOString()).toHaveLength(found);
});

test('a server that is there goes back to an earlier time and keeps its data; both histories can be reached', async () => {
  const early = await moment();
  await write('given up');
  const late = await moment();
  await history.upkeep(7);
  const { keptData } = await restore({ to: early });
  expect(await words()).not.toContain('given up');
  expect(existsSync(join(keptData ?? '', 'PG_VERSION'))).toBe(true);
  await write('second life');
  const now = await moment();
  expect(await history.inCopyAt(late, words)).toContain('given up');
  const found = await history.inCopyAt(now, words);
  expect([found.includes('given up'), found.at(-1)]).toEqual([false, 'second life']);
});

test('what fails leaves the server as it was', async () => {
  const before = await words();
  const failing = restore({
    to: await moment(),
    work: async () => {
      throw new Error('the work failed');
    },
  });
  await expect(failing).rejects.toThrow('the work failed');
  await expect(restore({ to: new Date(0) })).rejects.toMatchObject({ code: 'backup_not_found' });
  await expect(restore({ to: new Date(Date.now() + 60_000) })).rejects.toMatchObject({ code: 'usage' });
  expect(await words()).toEqual(before);
});

const copyOfData = (): string => {
  const copy = `${dataDir()}.older`;
  execFileSync('cp', ['-a', dataDir(), copy]);
  return copy;
};
const putBack = (copy: string): void => {
  stopLocalServer(dir);
  loseFolder(dataDir());
  renameSync(copy, dataDir());
};
const killServer = () => process.kill(postmasterPid(dataDir()) ?? 0, 'SIGKILL');
const wait = () => pause(100);

test('an earlier copy of the data is refused; a server that was stopped, killed, moved or copied is not', async () => {
  await history.upkeep(7);
  const untilStopped = copyOfData();
  await write('in no archive yet');
  killServer();
  await wait();
  // Only what it has in pg_wal is behind its checkpoint.
  expect(localServerStatus(dir)).toBe('stopped');
  await ensureLocalServer(dir, { archiving: true });
  await write('archived after the copy');
  await withConnection(await connect(), (client) => archiveUntilNow(client, dataDir()));
  killServer();
  await wait();
  expect(localServerStatus(dir)).toBe('stopped');
  await ensureLocalServer(dir, { archiving: true });
  stopLocalServer(dir);
  expect(localServerStatus(dir)).toBe('stopped');

  const moved = `${dir}-moved`;
  execFileSync('cp', ['-a', dir, moved]);
  expect(localServerStatus(moved)).toBe('stopped');
  await ensureLocalServer(moved, { archiving: true });
  purgeLocalServer(moved);

  putBack(untilStopped);
  expect(localServerStatus(dir)).toBe('lost');
  await expect(ensureLocalServer(dir, { whenLost: cellLoss('one') })).rejects.toMatchObject({
    code: 'data_lost',
    message: expect.stringMatching(/is an earlier copy; the WAL archived beside it goes on to [0-9A-F]{24}/),
    fix: expect.stringMatching(/ringfence cells restore one.*ringfence cells up one --accept-older/),
  });
  const { keptData } = await restore();
  expect(readdirSync(keptData ?? '')).toContain('PG_VERSION');
  expect((await words()).slice(-2)).toEqual(['in no archive yet', 'archived after the copy']);
  killServer();
  await wait();
  expect(localServerStatus(dir)).toBe('stopped');
  // What was kept is of before the restore, whose timeline is another.
  const own = `${dataDir()}.own`;
  renameSync(dataDir(), own);
  renameSync(keptData ?? '', dataDir());
  await expect(ensureLocalServer(dir)).rejects.toMatchObject({ code: 'data_lost' });
  renameSync(dataDir(), keptData ?? '');
  renameSync(own, dataDir());
  await ensureLocalServer(dir, { archiving: true });
});

test('an earlier copy that is accepted gets an archive of its own, and what it writes then can be reached', async () => {
  await history.upkeep(7);
  stopLocalServer(dir);
  const copy = copyOfData();
  await ensureLocalServer(dir, { archiving: true });
  await write('given up');
  await history.upkeep(7);
  putBack(copy);
  await expect(ensureLocalServer(dir, { archiving: true })).rejects.toMatchObject({ code: 'data_lost' });
  const kept = leaveNewerArchive(dataDir(), new Date());
  await ensureLocalServer(dir, { archiving: true });
  await write('after the older copy');
  await history.upkeep(7);
  expect(readdirSync(dirname(dataDir())).filter((name) => /^(archive|base)\.kept-/.test(name))).toEqual(
    kept.map((path) => basename(path)),
  );
  await write('archived after all');
  const at = await moment();
  const found = await history.inCopyAt(at, (admin) => words(admin));
  expect(found.slice(-2)).toEqual(['after the older copy', 'archived after all']);
  expect(found).not.toContain('given up');
});

test('another cluster in its place writes into an archive of its own, and the old one is kept', async () => {
  const around = dirname(dataDir());
  const before = readdirSync(around);
  const archived = readdirSync(join(around, 'archive')).length;
  const other = mkdtempSync(join(tmpdir(), 'ringfence-other-'));
  await ensureLocalServer(other);
  stopLocalServer(dir);
  stopLocalServer(other);
  loseFolder(dataDir());
  renameSync(readRecord(other)?.dataDir ?? '', dataDir());
  await ensureLocalServer(dir, { archiving: true });
  const kept = readdirSync(around).filter(
    (name) => name.startsWith('archive.kept-') && !before.includes(name),
  );
  expect(kept).toHaveLength(1);
  expect(readdirSync(join(around, kept[0] ?? ''))).toHaveLength(archived);
  expect(readdirSync(join(around, 'archive')).filter((name) => name.endsWith('.gz'))).toEqual([]);
  // Whatever they are called, they are found by what is in them.
  const renamed = readdirSync(around).flatMap((name) =>
    name.includes('.kept-') ? [join(around, name)] : [],
  );
  mkdirSync(join(around, 'attic'));
  const wanted = renamed.map((path, number) => {
    const to = join(around, 'attic', `old-${number}`);
    renameSync(path, to);
    // The first one lost all but its WAL.
    const isWal = existsSync(join(to, 'pg_wal')) && !existsSync(join(to, 'PG_VERSION'));
    return isWal ? `archive ${join(to, 'pg_wal')}` : `${basename(path).split('.')[0]} ${to}`;
  });
  const inUse = ['data', 'archive'].map((name) => realpathSync(join(around, name)));
  const found = findServerFolders([around], (path) => inUse.includes(path));
  expect(found.map(({ kind, path }) => `${kind} ${path}`).sort()).toEqual(wanted.sort());
  expect(found.every(({ from }) => from > new Date('2020-01-01') && from <= new Date())).toBe(true);
  purgeLocalServer(other);
});
