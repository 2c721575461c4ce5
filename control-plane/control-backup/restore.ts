import { dirname, join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { listBaseBackups } from '../../data-plane/backup/cell/base-backup.js';
import { restoreServer } from '../../data-plane/backup/cell/restore-server.js';
import {
  listGenerations,
  newestGeneration,
  type OffsiteGeneration,
} from '../../data-plane/backup/offsite/generations.js';
import { fetchHistory, isOfGeneration } from '../../data-plane/backup/offsite/history-copy.js';
import type { OffsiteStore } from '../../data-plane/backup/offsite/sealed-object.js';
import { recordServer, stopLocalServer } from '../../data-plane/database/server/local-server.js';
import { updateRecord } from '../../data-plane/database/server/record.js';
import { setAside } from '../../data-plane/database/server/set-aside.js';
import { localKeyring } from '../../data-plane/keys/local-keyring.js';
import {
  CONTROL_DATABASE,
  controlDir,
  hasControlDatabase,
  makeControlDatabase,
} from '../project/control-database.js';
import { forgetPosition } from '../project/control-position.js';
import { makeHome } from '../project/home.js';
import { readProjectId, writeProjectId } from '../project/id.js';
import { objectStores } from '../project/object-stores.js';
import type { Project } from '../project/project.js';
import { controlStore, openOffsite, projectsIn } from './offsite.js';
import { fetchSigningKey, signingKeyFile } from './signing-key.js';

/** Where a control database was brought back from. */
export interface ControlSource {
  /** `nothing`: no backup of it is left, so that it is empty, to be filled from the archives of tenants. */
  readonly kind: 'backup' | 'nothing';
  /** The last commit that is in it; null for `nothing`. */
  readonly lastCommitAt: Date | null;
  /** Files and folders that were there before, and are kept. */
  readonly kept: readonly string[];
}

interface RestoreOptions {
  /** Up to this moment; to the end of the log when left out. */
  readonly at?: Date | undefined;
  /** The one that goes furthest when left out. */
  readonly generation?: string | undefined;
  /** What is there is an earlier state than its own history: nothing of it is taken. */
  readonly isOlder: boolean;
  readonly now: Date;
  readonly reached: (point: string) => void;
}

/**
 * Brings the control database's server back: out of its own base backups and WAL, where those are gone out of the object store, up
 * to a moment or the end of the log. Where no backup is left and no control database either, an empty one is made.
 *
 * @throws RingfenceError `backup_not_found` when there is no backup and a control database is there; `keyring_missing`;
 *   `conflict` when the store has backups of several projects; as `restoreServer`.
 */
export const restoreControlServer = async (
  project: Project,
  env: NodeJS.ProcessEnv,
  options: RestoreOptions,
): Promise<ControlSource> => {
  const { at, now, reached } = options;
  makeHome(project);
  const dir = controlDir(project);
  const { dataDir } = recordServer(dir);
  const offsite = await findOffsite(project, env);
  const generation = offsite && (await chooseGeneration(offsite, options.generation));
  if (options.isOlder && !generation && listBaseBackups(dataDir).length === 0)
    throw new RingfenceError(
      'backup_not_found',
      'no backup is left of the later state of the control database',
      { fix: 'go on with the one that is there: `ringfence control reconcile --accept-older`' },
    );
  const foreign =
    generation && !isOfGeneration(dataDir, generation)
      ? leaveBehind(dir, now)
      : options.isOlder
        ? leaveData(dir, now)
        : [];
  if (offsite && generation) await fetchHistory(offsite, generation, dataDir);
  if (offsite) await fetchSigningKey(offsite, signingKeyFile(project));
  if (listBaseBackups(dataDir).length > 0) {
    const work = {
      dir,
      to: at,
      database: CONTROL_DATABASE,
      now: () => now,
      reached,
      work: async () => undefined,
    };
    const { lastCommitAt, keptData } = await restoreServer(work);
    forgetPosition(project);
    return { kind: 'backup', lastCommitAt, kept: keptData ? [...foreign, keptData] : foreign };
  }
  if (hasControlDatabase(project))
    throw new RingfenceError('backup_not_found', 'there is no backup of the control database', {
      fix: 'take one with `ringfence control backup`',
    });
  if (at)
    throw new RingfenceError('backup_not_found', 'no backup of the control database is left for --to', {
      fix: 'leave --to out: the catalogue is made again from the archives of the tenants',
    });
  const kept = leaveBehind(dir, now);
  await (await makeControlDatabase(project)).end();
  return { kind: 'nothing', lastCommitAt: null, kept };
};

/** The store of the project's control backups, opened; the project takes its id from there where its own is lost. */
const findOffsite = async (project: Project, env: NodeJS.ProcessEnv): Promise<OffsiteStore | undefined> => {
  const keeping = {
    objects: objectStores(project, env),
    keyRoot: localKeyring(join(project.home, 'keyring')),
  };
  const ids = await projectsIn(controlStore(keeping.objects));
  const named = readProjectId(project);
  const [only, ...more] = ids;
  if (only === undefined) return undefined;
  if (named !== undefined && !ids.includes(named))
    throw new RingfenceError(
      'conflict',
      `the object store has backups of project ${ids.join(', ')}, not of ${named}`,
      { fix: 'name the place of this project’s own objects with RINGFENCE_OBJECTS' },
    );
  if (named === undefined && more.length > 0)
    throw new RingfenceError(
      'conflict',
      `the object store has backups of several projects: ${ids.join(', ')}`,
      {
        fix: 'write the id of the right one into .ringfence/project.json: {"format":"ringfence-project","version":1,"id":"..."}',
      },
    );
  if (named === undefined) writeProjectId(project, only);
  return openOffsite(keeping, named ?? only);
};

const chooseGeneration = async (
  offsite: OffsiteStore,
  name: string | undefined,
): Promise<OffsiteGeneration | undefined> => {
  if (name === undefined) return newestGeneration(offsite.store);
  const known = await listGenerations(offsite.store);
  const chosen = known.find((one) => one.name === name);
  if (chosen) return chosen;
  throw new RingfenceError(
    'backup_not_found',
    `the object store has no generation ${name} of the control database`,
    { fix: `choose from: ${known.map((one) => one.name).join(', ')}` },
  );
};

/**
 * Puts the server's data and history out of the way: segments of two servers, and of two pasts of one, have the same names, and
 * none may write among the other's.
 */
const leaveBehind = (dir: string, now: Date): string[] => {
  const data = leaveData(dir, now);
  const folder = dirname(recordServer(dir).dataDir);
  return [
    ...data,
    ...[join(folder, 'archive'), join(folder, 'base')].flatMap((path) => setAside(path, now) ?? []),
  ];
};

/** Puts the server's data out of the way, and leaves its history where it is. */
const leaveData = (dir: string, now: Date): string[] => {
  const record = recordServer(dir);
  stopLocalServer(dir);
  const kept = setAside(record.dataDir, now);
  updateRecord(dir, { ...record, dataMade: false });
  return kept ? [kept] : [];
};
