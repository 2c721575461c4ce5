import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RingfenceError } from '../../../core/errors.js';
import type { Connection } from '../connect.js';
import { makeEnterableDir, refuseClosedData, serverAccount } from './account.js';
import { configureArchiving } from './archiving.js';
import { embeddedBinaries } from './binaries.js';
import { claimData, otherOwner, readOwnRecord } from './data-owner.js';
import { explainStart } from './explain-start.js';
import { refuseFenced } from './fence.js';
import { initialise } from './initialise.js';
import { dataLost, hasData, isLost, isRecordLost, type Loss, likelyPlace } from './lost-data.js';
import { newerArchived } from './older-data.js';
import { endOrphan } from './orphan.js';
import { choosePort } from './ports.js';
import { endServer, isDisplaced, postmasterPid, runningPort, waitForRecovery } from './postmaster.js';
import { reachableBinaries, removeUnusedCopy } from './reachable-binaries.js';
import { createRecord, type ServerRecord, updateRecord } from './record.js';
import { recordToPurge, removeData } from './remains.js';
import { stopReplica } from './replica-place.js';
import { runTool } from './run-tool.js';
import { acceptSizeFile, takeBackSizeFile } from './size/size-file.js';
import { removeStaleLock } from './stale-lock.js';
import { stopCopy } from './stop-copy.js';

/** The address and login of a running local server's superuser. */
export interface LocalServer {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** `lost`: it had data, and that is not there any more, or only an earlier copy of it. */
export type LocalServerStatus = 'absent' | 'stopped' | 'running' | 'lost';

const START_ATTEMPTS = 5;
const START_TIMEOUT_SECONDS = 60;

/** The login that the server in `dir` has or will have; recorded at the first call, before anything is made. */
export const localServerLogin = (
  dir: string,
  options: { port?: number } = {},
): { user: string; password: string } => {
  const record = recordOf(dir, options);
  return { user: record.superuser, password: record.password };
};

/** The record of the server in `dir`, made where there is none; what is beside it is not looked at. */
export const recordServer = (dir: string, port?: number): ServerRecord => {
  const known = readOwnRecord(dir);
  if (known) return known;
  const account = serverAccount();
  makeEnterableDir(dir, account);
  return createRecord(dir, { dataDir: likelyPlace(dir), port });
};

interface StartOptions {
  readonly port?: number;
  /** Archives its WAL from this start on; one that runs already goes on as it is. */
  readonly archiving?: boolean;
  /** Its data has to be recovered from archived WAL first: that takes long, and failing once is final. */
  readonly recovery?: boolean;
  readonly whenLost?: Loss;
  /** The starter checks for itself whether the data is an earlier copy. */
  readonly mayBeOlder?: boolean;
}

/**
 * Brings the embedded Postgres in `dir` up and leaves it running after this process ends.
 * Finds a running one again, starts a stopped one (after a crash or a reboot too), creates an absent one. Where it does not start
 * with settings that are new, it starts with those before.
 * @throws RingfenceError `port_taken` when `port`, or the port pinned earlier, belongs to another program; `data_lost` where
 *   anything says that there was data, which is gone, or of which only an earlier copy is there; `conflict` in a copy that has its data from another folder, and for data that a failover gave up.
 */
export const ensureLocalServer = async (dir: string, options: StartOptions = {}): Promise<LocalServer> => {
  const account = serverAccount();
  const record = recordOf(dir, options);
  if (isLost(record) || (!options.recovery && !options.mayBeOlder && isOlder(record)))
    throw dataLost(dir, options.whenLost);
  makeEnterableDir(dirname(record.dataDir), account);
  refuseClosedData(record.dataDir, account);
  claimData(dir, record);
  // Asked before there is data: a port that is taken can still be exchanged for another then.
  if (!hasData(record)) await choosePort(record);

  for (let attempt = 1; ; attempt++) {
    const running = runningPort(record.dataDir);
    if (running !== undefined) return asServer({ ...record, port: running });
    refuseFenced(record.dataDir);
    if (isDisplaced(record.dataDir)) endServer(record.dataDir, 'immediate');
    const port = await choosePort(record);
    try {
      // Another project's purge may take the copy of the binaries away at this moment, so each attempt looks again.
      const binaries = reachableBinaries(embeddedBinaries(), account);
      initialise(binaries, record, account);
      if (!record.dataMade) updateRecord(dir, { ...record, dataMade: true });
      if (options.archiving) configureArchiving(record.dataDir, account);
      removeStaleLock(record.dataDir);
      const log = join(record.dataDir, 'postgres.log');
      const wait = ['-w', '-t', String(START_TIMEOUT_SECONDS), '-l', log, '-o', `-p ${port}`];
      runTool(binaries.pgCtl, ['start', '-D', record.dataDir, ...wait], account);
      if (options.recovery) await waitForRecovery(record.dataDir);
      updateRecord(dir, { ...record, dataMade: true, port });
      acceptSizeFile(record.dataDir);
    } catch (error) {
      const final = error instanceof RingfenceError && error.code !== 'database_unavailable';
      // Settings of another size may be what it does not start with.
      if (!final && takeBackSizeFile(record.dataDir)) continue;
      if (final || options.recovery || attempt === START_ATTEMPTS) throw explainStart(error, record);
      await pause(200 * attempt);
    }
  }
};

/** Stops the server, and its replica, and waits for them; nothing happens when they do not run. @throws as `localServerStatus`. */
export const stopLocalServer = (dir: string): void => {
  const record = readOwnRecord(dir);
  if (record) stop(record, 'fast');
};

/** Stops the server while its replica goes on, at once where it does not end in an orderly way. */
export const stopServerAlone = (dir: string): void => {
  const record = readOwnRecord(dir);
  if (!record) return;
  try {
    endServer(record.dataDir, 'fast');
  } catch (error) {
    if (!(error instanceof RingfenceError) || error.code !== 'database_unavailable') throw error;
    endServer(record.dataDir, 'immediate');
  }
  endOrphan(record.dataDir);
};

const stop = ({ dataDir }: Pick<ServerRecord, 'dataDir'>, mode: 'fast' | 'immediate'): void => {
  endServer(dataDir, mode);
  endOrphan(dataDir);
  // After its primary, which sends it the rest.
  stopReplica(dataDir);
  // A killed run may have left its copy at work.
  stopCopy(dataDir);
};

/** Stops the server and removes its data and its record, wherever they lie. Data of another folder's server stays. */
export const purgeLocalServer = (dir: string): void => {
  const record = existsSync(dir) ? recordToPurge(dir) : undefined;
  if (record && !otherOwner(dir, record)) {
    stop(record, 'immediate');
    removeData(record);
    removeUnusedCopy(embeddedBinaries());
  }
  rmSync(dir, { recursive: true, force: true });
};

/** @throws RingfenceError `conflict` in a copy that has its data from another folder. */
export const localServerStatus = (
  dir: string,
  options: Pick<StartOptions, 'mayBeOlder'> = {},
): LocalServerStatus => {
  const record = readOwnRecord(dir);
  if (!record) return isRecordLost(dir) ? 'lost' : 'absent';
  if (!hasData(record)) return isLost(record) ? 'lost' : 'absent';
  if (runningPort(record.dataDir) !== undefined) return 'running';
  return !options.mayBeOlder && isOlder(record) ? 'lost' : 'stopped';
};

/** A server that runs, or that has been started while its files were read, has what it has. */
const isOlder = ({ dataDir }: ServerRecord): boolean =>
  !isUp(dataDir) && newerArchived(dataDir) !== undefined && !isUp(dataDir);

const isUp = (dataDir: string): boolean => postmasterPid(dataDir) !== undefined && !isDisplaced(dataDir);

/** @returns the server that runs in `dir`, without starting one. @throws as `localServerStatus`. */
export const runningLocalServer = (dir: string): LocalServer | undefined => {
  const record = readOwnRecord(dir);
  const port = record && runningPort(record.dataDir);
  return record && port !== undefined ? asServer({ ...record, port }) : undefined;
};

/**
 * Where the server in `dir` listens now: for connections that outlive a start on another port. The same function each time.
 * It gives undefined while the server does not run.
 */
export const localServerAddress = (dir: string): NonNullable<Connection['address']> => {
  const address = ADDRESSES.get(dir) ?? (() => runningLocalServer(dir));
  ADDRESSES.set(dir, address);
  return address;
};

/** Addresses are compared by what they hold. */
const ADDRESSES = new Map<string, NonNullable<Connection['address']>>();

const recordOf = (dir: string, options: Pick<StartOptions, 'port' | 'whenLost'>): ServerRecord => {
  const known = readOwnRecord(dir);
  if (!known) {
    if (isRecordLost(dir)) throw dataLost(dir, options.whenLost);
    return recordServer(dir, options.port);
  }
  if (options.port === undefined || known.port === options.port) return known;
  if (!hasData(known)) {
    const wanted = { ...known, port: options.port, portPinned: true };
    updateRecord(dir, wanted);
    return wanted;
  }
  throw new RingfenceError('config_invalid', `the server in ${dir} is already set up on port ${known.port}`, {
    fix: known.port === null ? 'leave --port out' : `leave --port out, or use --port ${known.port}`,
  });
};

const asServer = (record: ServerRecord & { port: number }): LocalServer => ({
  host: '127.0.0.1',
  port: record.port,
  user: record.superuser,
  password: record.password,
});
