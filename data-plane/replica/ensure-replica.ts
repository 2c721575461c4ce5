import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RingfenceError } from '../../core/errors.js';
import { replaceFile } from '../../core/files/whole-file.js';
import { BASE_TARBALL, writeTarball } from '../backup/cell/base-backup.js';
import { RECOVERY_LOG } from '../backup/cell/recover-copy.js';
import { makePassword } from '../database/cell-credentials.js';
import { type Connection, withConnection } from '../database/connect.js';
import { findPassword, passwordFileText } from '../database/password-file.js';
import { makeEnterableDir, makePrivateDir, serverAccount } from '../database/server/account.js';
import { readOwnRecord } from '../database/server/data-owner.js';
import { ensureLocalServer, runningLocalServer } from '../database/server/local-server.js';
import { hasRecord, type ServerRecord, updateRecord } from '../database/server/record.js';
import { removeReplica, replicaDataDir, replicaDir } from '../database/server/replica-place.js';
import { runTool } from '../database/server/run-tool.js';
import { putServerSettings } from '../database/server/size/put-settings.js';
import type { ServerSettings } from '../database/server/size/settings.js';
import { readReplica } from './replica-status.js';
import {
  dropReplicationLogin,
  dropSlot,
  makeSlot,
  putReplicationLogin,
  REPLICA,
} from './replication-login.js';
import { writeStandbySettings } from './standby-settings.js';

const ATTACH_LOOKS = 300;
const ATTACH_LOOK_MS = 50;

/**
 * Brings the replica of the local server in `dir` up: makes it by a base backup of the server, starts a stopped one, and makes
 * one anew that cannot follow any more (its WAL is gone, or the server is in another timeline). A killed run is run again.
 * @throws RingfenceError `database_unavailable` when a new one does not follow either; `disk_full`.
 */
export const ensureReplica = async (dir: string, reached: (point: string) => void): Promise<void> => {
  const server = await ensureLocalServer(dir);
  const primary = { ...server, database: 'postgres' };
  const record = readOwnRecord(dir);
  if (!record) throw new RingfenceError('internal', `no server is recorded in ${dir}`);
  if (existsSync(replicaDataDir(record.dataDir)) && (await attach(dir, record, primary))) return;
  removeReplica(record.dataDir);
  await makeReplica(record, primary, reached);
  reached('replica-made');
  if (await attach(dir, record, primary)) return;
  throw new RingfenceError('database_unavailable', 'the replica does not follow its primary', {
    fix: `read its log: ${join(replicaDataDir(record.dataDir), RECOVERY_LOG)}`,
  });
};

/** Gives the replica of the server in `dir` its settings. After its primary: a standby with less waits, and goes on with as much. */
export const putReplicaSettings = async (
  dir: string,
  settings: ServerSettings,
  reached: (point: string) => void,
): Promise<void> => {
  const record = readOwnRecord(dir);
  if (record) await putServerSettings(replicaDir(record.dataDir), settings, reached);
};

/** Stops the replica and removes it, with its login and what the primary keeps for it. */
export const dropReplica = async (dir: string): Promise<void> => {
  const record = readOwnRecord(dir);
  if (!record) return;
  removeReplica(record.dataDir);
  const server = runningLocalServer(dir);
  if (!server) return;
  await withConnection({ ...server, database: 'postgres' }, async (client) => {
    await dropSlot(client);
    await dropReplicationLogin(client);
  });
};

const makeReplica = async (
  record: ServerRecord,
  primary: Connection,
  reached: (point: string) => void,
): Promise<void> => {
  const account = serverAccount();
  const place = replicaDir(record.dataDir);
  makeEnterableDir(place, account);
  const password = makePassword();
  replaceFile(join(place, 'passfile'), passwordFileText([{ user: REPLICA, password }]), {
    mode: 0o600,
    owner: account,
  });
  await withConnection(primary, async (client) => {
    await putReplicationLogin(client, password);
    await makeSlot(client);
  });
  const copied = join(place, 'base');
  makePrivateDir(copied, account);
  await writeTarball(primary, copied);
  reached('replica-copied');
  const draft = join(place, 'draft');
  makePrivateDir(draft, account);
  runTool('tar', ['-xzf', join(copied, BASE_TARBALL), '-C', draft], account);
  rmSync(copied, { recursive: true, force: true });
  rmSync(join(draft, RECOVERY_LOG), { force: true });
  writeStandbySettings(draft, primary.port, account);
  replaceFile(join(draft, 'standby.signal'), '', { mode: 0o600, owner: account });
  const dataDir = replicaDataDir(record.dataDir);
  updateRecord(place, { ...record, dataDir, dataMade: true, port: null, portPinned: false });
  renameSync(draft, dataDir);
};

/** Starts it where it is stopped, and waits until it follows. */
const attach = async (dir: string, record: ServerRecord, primary: Connection): Promise<boolean> => {
  const place = replicaDir(record.dataDir);
  if (!hasRecord(place)) return false;
  await keepLogin(place, primary);
  const changed = writeStandbySettings(replicaDataDir(record.dataDir), primary.port, serverAccount());
  try {
    const replica = await ensureLocalServer(place);
    if (changed)
      await withConnection({ ...replica, database: 'postgres' }, (client) =>
        client.query('SELECT pg_reload_conf()'),
      );
  } catch (error) {
    if (error instanceof RingfenceError && error.code === 'database_unavailable') return false;
    throw error;
  }
  for (let look = 0; look < ATTACH_LOOKS; look++) {
    if ((await readReplica(dir))?.state === 'streaming') return true;
    await pause(ATTACH_LOOK_MS);
  }
  return false;
};

/** Somebody may have changed the password of its login. */
const keepLogin = async (place: string, primary: Connection): Promise<void> => {
  const { host, port } = primary;
  const password = findPassword(join(place, 'passfile'), {
    host,
    port,
    database: 'replication',
    user: REPLICA,
  });
  if (password !== undefined)
    await withConnection(primary, (client) => putReplicationLogin(client, password));
};
