import { existsSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { listBaseBackups } from '../../data-plane/backup/cell/base-backup.js';
import { recoverServer } from '../../data-plane/backup/cell/recover-server.js';
import {
  listGenerations,
  newestGeneration,
  type OffsiteGeneration,
} from '../../data-plane/backup/offsite/generations.js';
import { fetchHistory, fetchLogin, isOfGeneration } from '../../data-plane/backup/offsite/history-copy.js';
import type { OffsiteStore } from '../../data-plane/backup/offsite/sealed-object.js';
import { makeEnterableDir, placeData, serverAccount } from '../../data-plane/database/server/account.js';
import { archiveDir } from '../../data-plane/database/server/archiving.js';
import { createRecord, readRecord, updateRecord } from '../../data-plane/database/server/record.js';
import { localKeyring } from '../../data-plane/keys/local-keyring.js';
import { RingfenceError } from '../../tenants/errors.js';
import { controlDir, hasControlDatabase, makeControlDatabase } from '../control-database.js';
import { objectStores } from '../deployment/object-stores.js';
import { makeHome } from '../home.js';
import type { Project } from '../project.js';
import { readProjectId, writeProjectId } from '../project-id.js';
import { controlStore, openOffsite, projectsIn } from './offsite.js';

/** Where a control database was brought back from. */
export interface ControlSource {
  /** `nothing`: no backup of it is left, so that it is empty, to be filled from the archives of tenants. */
  readonly kind: 'backup' | 'nothing';
  readonly baseAt: Date | null;
  /** The last commit that is in it, where the log has one since the base backup. */
  readonly lastCommitAt: Date | null;
  /** What was there before, set aside. */
  readonly keptAside: string | null;
}

interface RestoreOptions {
  /** Up to this moment; to the end of the log when left out. */
  readonly at?: Date | undefined;
  /** The one that goes furthest when left out. */
  readonly generation?: string | undefined;
  readonly now: Date;
}

/**
 * Brings the control database's server back: out of its own base backups and WAL, where those are gone out of the object store, up
 * to a moment or the end of the log. Where no backup is left and no control database either, an empty one is made.
 *
 * @throws RingfenceError `backup_not_found` when there is no backup and a control database is there; `keyring_missing`;
 *   `conflict` when the store has backups of several projects; as `recoverServer`.
 */
export const restoreControlServer = async (
  project: Project,
  env: NodeJS.ProcessEnv,
  options: RestoreOptions,
): Promise<ControlSource> => {
  makeHome(project);
  const dir = controlDir(project);
  const offsite = await findOffsite(project, env);
  if (offsite) await fetch(dir, offsite, options);
  const record = readRecord(dir);
  if (record && listBaseBackups(record.dataDir).length > 0) {
    const { baseAt, lastCommitAt, keptAside } = await recoverServer(dir, options);
    return { kind: 'backup', baseAt, lastCommitAt: lastCommitAt ?? null, keptAside };
  }
  if (hasControlDatabase(project))
    throw new RingfenceError('backup_not_found', 'there is no backup of the control database', {
      fix: 'take one with `ringfence control backup`',
    });
  if (options.at)
    throw new RingfenceError('backup_not_found', 'no backup of the control database is left for --to', {
      fix: 'leave --to out: the catalogue is made again from the archives of the tenants',
    });
  setLeftoversAside(dir, options.now);
  await (await makeControlDatabase(project)).end();
  return { kind: 'nothing', baseAt: null, lastCommitAt: null, keptAside: null };
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
      {
        fix: 'name the place of this project’s own objects with RINGFENCE_OBJECTS',
      },
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

const fetch = async (
  dir: string,
  offsite: OffsiteStore,
  { now, generation }: RestoreOptions,
): Promise<void> => {
  const there = await chooseGeneration(offsite, generation);
  if (!there) return;
  if (!readRecord(dir)) {
    const account = serverAccount();
    makeEnterableDir(dir, account);
    const login = await fetchLogin(offsite, there);
    createRecord(dir, { dataDir: placeData(dir, account), port: undefined, login });
  }
  const dataDir = readRecord(dir)?.dataDir ?? '';
  setForeignHistoryAside(dataDir, there, now);
  await fetchHistory(offsite, there, dataDir);
};

/** Segments of two servers, and of two pasts of one, have the same names. */
const setForeignHistoryAside = (dataDir: string, generation: OffsiteGeneration, now: Date): void => {
  if (isOfGeneration(dataDir, generation)) return;
  for (const folder of [archiveDir(dataDir), join(dirname(dataDir), 'base')])
    if (existsSync(folder)) renameSync(folder, `${folder}.before-${stampOf(now)}`);
};

/** What is left of a server without base backup brings nothing back, and a new server must not write among it. */
const setLeftoversAside = (dir: string, now: Date): void => {
  const record = readRecord(dir);
  if (!record) return;
  const folder = dirname(record.dataDir);
  for (const name of ['archive', 'base', basename(record.dataDir)].map((one) => join(folder, one)))
    if (existsSync(name)) renameSync(name, `${name}.before-${stampOf(now)}`);
  updateRecord(dir, { ...record, dataMade: false });
};

const stampOf = (now: Date): string => now.toISOString().slice(0, 19).replace(/[:T]/g, '-');

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
    {
      fix: `choose from: ${known.map((one) => one.name).join(', ')}`,
    },
  );
};
