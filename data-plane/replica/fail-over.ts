import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { readSecretFile, replaceSecretFile } from '../../core/files/secret-file.js';
import { serverAccount } from '../database/server/account.js';
import { controlFilePath, parseLsn, readControlFile } from '../database/server/control-file.js';
import { readOwnRecord } from '../database/server/data-owner.js';
import { fence, isFenced, liftFence } from '../database/server/fence.js';
import {
  ensureLocalServer,
  type LocalServer,
  runningLocalServer,
  stopServerAlone,
} from '../database/server/local-server.js';
import { type ServerRecord, updateRecord } from '../database/server/record.js';
import { replicaDataDir, replicaDir } from '../database/server/replica-place.js';
import { readReplica } from './replica-status.js';
import { type Standby, standbyOf } from './standby.js';
import { promoteReplica, takePlace } from './take-over.js';

/** What a failover would lose, known before it begins. */
export interface FailoverPlan {
  /** `given up`: a failover was begun, and is to be finished. */
  readonly primary: 'running' | 'down' | 'given up';
  /** WAL that the replica has still to replay; null where the primary cannot be asked. */
  readonly lagBytes: number | null;
  /** The replica has what was committed up to here at least; null where it has taken over already. */
  readonly hasUntil: Date | null;
  /** Whether commits may be lost. A primary that runs is stopped in an orderly way, which sends its replica the rest first. */
  readonly mayLose: boolean;
}

/** Starts a stopped replica. @throws RingfenceError `conflict` for a server without one. */
export const planFailover = async (dir: string): Promise<FailoverPlan> => {
  const record = ownRecord(dir);
  const { dataDir } = record;
  const given = isFenced(dataDir) || existsSync(begunFile(dataDir));
  if (given && !existsSync(replicaDataDir(dataDir)))
    return { primary: 'given up', lagBytes: null, hasUntil: null, mayLose: false };
  const runs = runningLocalServer(dir) !== undefined;
  const replica = await standbyOf(record, runs ? undefined : (found) => isDecided(record, found));
  if (!replica) throw noReplica(dir);
  const status = await readReplica(dir);
  const isSafe = runs ? status?.state === 'streaming' : isDecided(record, replica);
  return {
    primary: given ? 'given up' : runs ? 'running' : 'down',
    lagBytes: status?.lagBytes ?? null,
    hasUntil: replica.hasUntil,
    mayLose: !isSafe,
  };
};

export interface FailoverOptions {
  /** Whether somebody has agreed to lose what the replica does not have. */
  readonly mayLose: boolean;
  readonly now: () => Date;
  readonly reached: (point: string) => void;
  /** Makes a promoted replica that lacks something ready, before anybody reaches it at its primary's address. Idempotent. */
  readonly ready: (server: LocalServer) => Promise<void>;
}

/**
 * Lets the replica of the local server in `dir` take its place. The primary is fenced before anything else: its data is marked, so
 * that no server starts in it any more, and it is stopped. Then the replica is promoted, which begins a new timeline, and moved
 * to where the primary was, whose address and archive it takes over. A run that was killed anywhere is run again.
 * @returns where the data that was given up is kept; null where there was none.
 * @throws RingfenceError `conflict` without a replica, and without `mayLose` where it lacks something after all: then the primary
 *   goes on.
 */
export const failOver = async (dir: string, options: FailoverOptions): Promise<string | null> => {
  const record = ownRecord(dir);
  const { dataDir } = record;
  const begun = begunFile(dataDir);
  let keptData: string | null = null;
  if (existsSync(replicaDataDir(dataDir))) {
    await giveUpPrimary(dir, record, options);
    const until = untilOf(begun);
    const promoted = await promoteReplica(record, until, options);
    if (until) await options.ready(promoted);
    keptData = takePlace(record, options);
  } else if (!existsSync(begun)) throw noReplica(dir);
  updateRecord(dir, { ...record, dataMade: true });
  rmSync(replicaDir(dataDir), { recursive: true, force: true });
  await ensureLocalServer(dir, { archiving: true });
  rmSync(begun, { force: true });
  options.reached('failed-over');
  return keptData;
};

const giveUpPrimary = async (
  dir: string,
  record: ServerRecord,
  { mayLose, now, reached }: FailoverOptions,
): Promise<void> => {
  const { dataDir } = record;
  if (existsSync(dataDir)) fence(dataDir, serverAccount(), now());
  reached('primary-fenced');
  stopServerAlone(dir);
  reached('primary-stopped');
  const replica = await standbyOf(record, (found) => isDecided(record, found));
  const hasAll = replica !== undefined && isDecided(record, replica);
  if (!hasAll && !mayLose) {
    if (existsSync(dataDir)) liftFence(dataDir, serverAccount());
    await ensureLocalServer(dir);
    throw new RingfenceError('conflict', 'the replica lacks some of what its primary has committed', {
      fix: 'the primary goes on; run the command again, which says what may be lost now',
    });
  }
  // Once it is promoted nobody can tell any more.
  if (replica?.inRecovery) noteBegun(begunFile(dataDir), hasAll ? null : replica.hasUntil);
};

/** It has replayed all that an orderly stop of its primary wrote, or was promoted already. What is unknown is no. */
const isDecided = ({ dataDir }: ServerRecord, { inRecovery, replayedLsn }: Standby): boolean => {
  if (!inRecovery) return true;
  if (!existsSync(controlFilePath(dataDir))) return false;
  const { isShutDown, checkpoint } = readControlFile(dataDir);
  return isShutDown && parseLsn(replayedLsn) > checkpoint;
};

const BegunSchema = z.strictObject({ until: z.coerce.date().nullable() });

/** Beside the data: a failover was begun, which goes on whatever is left, and the last commit that came along, unless all did. */
const begunFile = (dataDir: string): string => join(dirname(dataDir), 'failover.json');

const noteBegun = (path: string, until: Date | null): void =>
  replaceSecretFile(path, `${JSON.stringify({ until })}\n`);

const untilOf = (path: string): Date | undefined =>
  BegunSchema.parse(JSON.parse(readSecretFile(path) ?? '{"until":null}')).until ?? undefined;

const ownRecord = (dir: string): ServerRecord => {
  const record = readOwnRecord(dir);
  if (record) return record;
  throw noReplica(dir);
};

const noReplica = (dir: string): RingfenceError =>
  new RingfenceError('conflict', `the server in ${dir} has no replica`, {
    fix: 'make one with `ringfence cells up <cell> --replicas 1` while the cell runs; a cell that lost its data comes back with `ringfence cells restore <cell>`',
  });
