import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localHistory } from '../../../data-plane/backup/cell/local-history.js';
import { openPool, withConnection } from '../../../data-plane/database/connect.js';
import { serverAccount } from '../../../data-plane/database/server/account.js';
import { embeddedBinaries } from '../../../data-plane/database/server/binaries.js';
import {
  ensureLocalServer,
  localServerAddress,
  localServerStatus,
  purgeLocalServer,
  runningLocalServer,
  stopLocalServer,
} from '../../../data-plane/database/server/local-server.js';
import { postmasterPid } from '../../../data-plane/database/server/postmaster.js';
import { reachableBinaries } from '../../../data-plane/database/server/reachable-binaries.js';
import { readRecord } from '../../../data-plane/database/server/record.js';
import { replicaDataDir, replicaDir } from '../../../data-plane/database/server/replica-place.js';
import { runTool } from '../../../data-plane/database/server/run-tool.js';
import { dropReplica, ensureReplica } from '../../../data-plane/replica/ensure-replica.js';
import { failOver, planFailover } from '../../../data-plane/replica/fail-over.js';
import { readReplica } from '../../../data-plane/replica/replica-status.js';
import { loseFolder } from '../../support/lose-folder.js';

const now = () => new Date();
const ready = async (): Promise<void> => undefined;
const nothing = () => undefined;

let dir: string;
const dataDir = () => readRecord(dir)?.dataDir ?? '';
const primary = async () => ({ ...(await ensureLocalServer(dir)), database: 'postgres' });
const onPrimary = async <T>(sql: string): Promise<T[]> =>
  withConnection(await primary(), async (client) => (await client.query(sql)).rows as T[]);
const replicaConnection = () => {
  const server = runningLocalServer(replicaDir(dataDir()));
  if (!server) throw new Error('no replica runs');
  return { ...server, database: 'postgres' };
};
const onReplica = async <T>(sql: string): Promise<T[]> =>
  withConnection(replicaConnection(), async (client) => (await client.query(sql)).rows as T[]);
const killServer = async (folder: string): Promise<void> => {
  const pid = postmasterPid(folder);
  if (pid === undefined) throw new Error(`no server runs in ${folder}`);
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => postmasterPid(folder)).toBeUndefined();
};
const idsOf = async () =>
  (await onPrimary<{ id: number }>('SELECT id FROM rows ORDER BY id')).map(({ id }) => id);

beforeEach(async () => {
  // Of a closed folder, whose data lies elsewhere, test/e2e/failover.long.test.ts is.
  dir = mkdtempSync(join(tmpdir(), 'ringfence-replica-'));
  chmodSync(dir, 0o755);
  await ensureLocalServer(dir, { archiving: true });
  await onPrimary('CREATE TABLE rows (id integer PRIMARY KEY)');
  await onPrimary('INSERT INTO rows VALUES (1)');
  await ensureReplica(dir, nothing);
});
afterEach(() => purgeLocalServer(dir));

describe('a replica', () => {
  test('follows its primary with a login of its own; its lag is known, and an unknown one is not zero', async () => {
    await onPrimary('INSERT INTO rows VALUES (2)');
    await expect
      .poll(() => readReplica(dir))
      .toMatchObject({ state: 'streaming', lagBytes: 0, lagSeconds: 0 });
    expect(await onReplica('SELECT id::int FROM rows')).toEqual([{ id: 1 }, { id: 2 }]);
    await expect(onReplica('INSERT INTO rows VALUES (3)')).rejects.toThrow();
    expect(
      await onPrimary(`SELECT usename, slot_name FROM pg_stat_replication, pg_replication_slots`),
    ).toEqual([{ usename: 'ringfence_replica', slot_name: 'ringfence_replica' }]);
    expect(statSync(join(replicaDir(dataDir()), 'passfile')).mode & 0o777).toBe(0o600);
    await killServer(dataDir());
    expect(await readReplica(dir)).toMatchObject({ state: 'detached', lagBytes: null, lagSeconds: null });
    expect(await onReplica('SELECT count(*)::int FROM rows')).toEqual([{ count: 2 }]);
    stopLocalServer(dir);
    expect(await readReplica(dir)).toMatchObject({ state: 'stopped', lagBytes: null, lagSeconds: null });
    await ensureReplica(dir, nothing);
    expect(await readReplica(dir)).toMatchObject({ state: 'streaming' });
    await dropReplica(dir);
    expect([await readReplica(dir), existsSync(replicaDir(dataDir()))]).toEqual([undefined, false]);
    expect(await onPrimary(`SELECT FROM pg_roles WHERE rolname = 'ringfence_replica'`)).toEqual([]);
  });

  test('is made anew when the primary has dropped what it needs', async () => {
    stopLocalServer(dir);
    await onPrimary(`SELECT pg_drop_replication_slot('ringfence_replica')`);
    await ensureReplica(dir, nothing);
    expect(await readReplica(dir)).toMatchObject({ state: 'streaming' });
  });
});

test.each(['replica-copied', 'replica-made'])(
  'a replica whose making was killed at %s is made',
  async (point) => {
    await dropReplica(dir);
    const killed = ensureReplica(dir, (at) => {
      if (at === point) throw new Error('killed');
    });
    await expect(killed).rejects.toThrow('killed');
    await ensureReplica(dir, nothing);
    expect(await readReplica(dir)).toMatchObject({ state: 'streaming' });
  },
);

describe('a failover', () => {
  test('of a primary that runs loses nothing that was acknowledged, and clients connect again', async () => {
    const server = await ensureLocalServer(dir);
    const pool = openPool(
      { ...server, database: 'postgres', address: localServerAddress(dir) },
      { max: 1, name: 'writer' },
    );
    pool.on('error', nothing);
    const acknowledged: number[] = [1];
    let stopped = false;
    let pauseMs = 0;
    const writing = (async () => {
      let answeredMs = performance.now();
      for (let id = 2; !stopped; id++) {
        try {
          await pool.query('INSERT INTO rows VALUES ($1)', [id]);
          acknowledged.push(id);
          pauseMs = Math.max(pauseMs, performance.now() - answeredMs);
          answeredMs = performance.now();
        } catch {
          await pause(2);
        }
      }
    })();
    await expect.poll(() => acknowledged.length).toBeGreaterThan(50);
    expect(await planFailover(dir)).toMatchObject({ primary: 'running', mayLose: false });
    const before = acknowledged.length;
    const kept = await failOver(dir, { mayLose: false, now, reached: nothing, ready });
    await expect.poll(() => acknowledged.length).toBeGreaterThan(before + 50);
    stopped = true;
    await writing;
    await pool.end();
    const ids = new Set(await idsOf());
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    expect(await onPrimary('SELECT pg_is_in_recovery() AS standby')).toEqual([{ standby: false }]);
    process.stdout.write(
      `failover: ${Math.round(pauseMs)} ms at a client, ${acknowledged.length} acknowledged rows kept\n`,
    );
    await refusesToStart(kept ?? '');
    await ensureReplica(dir, nothing);
    expect(await readReplica(dir)).toMatchObject({ state: 'streaming' });
    const history = localHistory({ dir, connect: primary, reached: nothing });
    await history.upkeep(7);
    expect((await history.window())?.to).toBeDefined();
  });

  test.each([
    'primary-fenced',
    'primary-stopped',
    'replica-promoted',
    'data-set-aside',
    'replica-in-place',
    'failed-over',
  ])('that was killed at %s is finished by the same command', async (point) => {
    await onPrimary('INSERT INTO rows SELECT generate_series(2, 100)');
    const killed = failOver(dir, {
      ready,
      mayLose: false,
      now,
      reached: (at) => {
        if (at === point) throw new Error('killed');
      },
    });
    await expect(killed).rejects.toThrow('killed');
    if (point === 'primary-stopped') {
      await expect(ensureLocalServer(dir)).rejects.toMatchObject({ code: 'conflict' });
      stopLocalServer(dir);
    }
    if (point !== 'failed-over') {
      expect((await planFailover(dir)).mayLose).toBe(false);
      await failOver(dir, { mayLose: false, now, reached: nothing, ready });
    }
    expect(await idsOf()).toHaveLength(100);
    expect(localServerStatus(dir)).toBe('running');
    expect(readdirSync(dirname(dataDir()))).toEqual(expect.not.arrayContaining(['replica', 'failover.json']));
  });

  test('that may lose something is refused without consent, and then the primary goes on', async () => {
    const replica = replicaConnection();
    await withConnection(replica, async (client) => {
      await client.query('SELECT pg_wal_replay_pause()');
      await onPrimary('INSERT INTO rows VALUES (2)');
      stopLocalServerOf(replicaDataDir(dataDir()));
    }).catch(nothing);
    await onPrimary('INSERT INTO rows VALUES (3)');
    expect(await planFailover(dir)).toMatchObject({ primary: 'running', hasUntil: expect.any(Date) });
    await killServer(dataDir());
    expect(await planFailover(dir)).toMatchObject({ primary: 'down', mayLose: true, lagBytes: null });
    await expect(failOver(dir, { mayLose: false, now, reached: nothing, ready })).rejects.toMatchObject({
      code: 'conflict',
      message: 'the replica lacks some of what its primary has committed',
    });
    expect(await idsOf()).toEqual([1, 2, 3]);
  });

  test('goes on without the data of a primary that is gone', async () => {
    await onPrimary('INSERT INTO rows VALUES (2)');
    await expect.poll(() => readReplica(dir)).toMatchObject({ lagBytes: 0 });
    await killServer(dataDir());
    loseFolder(dataDir());
    expect(localServerStatus(dir)).toBe('lost');
    expect(await planFailover(dir)).toMatchObject({ primary: 'down', mayLose: true });
    expect(await failOver(dir, { mayLose: true, now, reached: nothing, ready })).toBeNull();
    expect(await idsOf()).toEqual([1, 2]);
  });
});

const stopLocalServerOf = (folder: string): void => {
  const pid = postmasterPid(folder);
  if (pid !== undefined) process.kill(pid, 'SIGQUIT');
};

/** Neither Ringfence nor Postgres itself starts a server in data that was given up, also when it is put back. */
const refusesToStart = async (kept: string): Promise<void> => {
  const place = dataDir();
  stopLocalServer(dir);
  renameSync(place, `${place}.good`);
  renameSync(kept, place);
  await expect(ensureLocalServer(dir, { mayBeOlder: true })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('was given up by a failover'),
  });
  const account = serverAccount();
  const { pgCtl } = reachableBinaries(embeddedBinaries(), account);
  const log = join(place, 'postgres.log');
  expect(() => runTool(pgCtl, ['start', '-D', place, '-w', '-l', log], account)).toThrow();
  expect(readFileSync(log, 'utf8')).toContain('given_up_by_a_failover_see_fenced_json');
  renameSync(place, kept);
  renameSync(`${place}.good`, place);
};
