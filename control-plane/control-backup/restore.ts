import { RingfenceError } from '../../core/errors.js';
import { isBrokenBackup } from '../../data-plane/backup/broken.js';
import { listBaseBackups } from '../../data-plane/backup/cell/base-backup.js';
import { restoreServer, type ServerRestore } from '../../data-plane/backup/cell/restore-server.js';
import { fetchHistory, isOfGeneration } from '../../data-plane/backup/offsite/history-copy.js';
import { recordServer } from '../../data-plane/database/server/local-server.js';
import { controlDir, hasControlDatabase, makeControlDatabase } from '../project/control-database.js';
import { forgetPosition } from '../project/control-position.js';
import { CONTROL_DATABASE } from '../project/control-server.js';
import { makeHome } from '../project/home.js';
import type { Project } from '../project/project.js';
import { candidates, findOffsite } from './choose-generation.js';
import { leaveBehind, leaveData } from './leave-behind.js';
import { fetchSigningKey, signingKeyFile } from './signing-key.js';

/** Where a control database was brought back from. */
export interface ControlSource {
  /** `nothing`: no backup of it is left, so that it is empty, to be filled from the archives of tenants. */
  readonly kind: 'backup' | 'nothing';
  /** The last commit that is in it; null for `nothing`. */
  readonly lastCommitAt: Date | null;
  /** Files of its log, or of a base backup, that are damaged or missing: what came after `lastCommitAt` is not in it. */
  readonly missing: readonly string[];
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
  if (offsite) await fetchSigningKey(offsite, signingKeyFile(project));
  // One that is there is newer than what a gap leaves of its backup.
  const isLost = !hasControlDatabase(project);
  const generations = offsite ? await candidates(offsite, options.generation, isLost) : [];
  if (options.isOlder && generations.length === 0 && listBaseBackups(dataDir).length === 0)
    throw new RingfenceError(
      'backup_not_found',
      'no backup is left of the later state of the control database',
      { fix: 'go on with the one that is there: `ringfence control reconcile --accept-older`' },
    );
  const missing: string[] = [];
  const kept: string[] = [];
  // Without one in the object store, what lies beside the data is all that there is.
  for (const generation of generations.length > 0 ? generations : [undefined]) {
    if (generation && !isOfGeneration(dataDir, generation)) kept.push(...leaveBehind(dir, now));
    else if (options.isOlder && kept.length === 0) kept.push(...leaveData(dir, now));
    if (offsite && generation) missing.push(...(await fetchHistory(offsite, generation, dataDir)));
    const recovered = await recoverServer({ dir, dataDir, at, now, reached, isLost });
    if (!recovered) continue;
    forgetPosition(project);
    if (recovered.gap) missing.push(recovered.gap);
    if (recovered.keptData) kept.push(recovered.keptData);
    return { kind: 'backup', lastCommitAt: recovered.lastCommitAt, missing, kept };
  }
  if (hasControlDatabase(project))
    throw new RingfenceError('backup_not_found', 'there is no backup of the control database', {
      fix: 'take one with `ringfence control backup`',
    });
  if (at)
    throw new RingfenceError('backup_not_found', 'no backup of the control database is left for --to', {
      fix: 'leave --to out: the catalogue is made again from the archives of the tenants',
    });
  kept.push(...leaveBehind(dir, now));
  await (await makeControlDatabase(project)).end();
  return { kind: 'nothing', lastCommitAt: null, missing, kept };
};

/**
 * Out of the base backups and the WAL that lie beside the data; for a database that is lost as far as they go, from the newest base
 * backup that leads anywhere.
 * @returns undefined where none does. @throws RingfenceError as `restoreServer`, for one that is not lost, or a moment.
 */
const recoverServer = async (where: {
  readonly dir: string;
  readonly dataDir: string;
  readonly at: Date | undefined;
  readonly now: Date;
  readonly reached: (point: string) => void;
  readonly isLost: boolean;
}): Promise<ServerRestore<void> | undefined> => {
  const { dir, dataDir, at, now, reached } = where;
  const isLenient = where.isLost && at === undefined;
  const useless = new Set<string>();
  for (const { id } of [...listBaseBackups(dataDir)].reverse()) {
    try {
      return await restoreServer({
        dir,
        to: at,
        lenient: isLenient ? useless : undefined,
        database: CONTROL_DATABASE,
        now: () => now,
        reached,
        work: async () => undefined,
      });
    } catch (error) {
      if (!isLenient || !isBrokenBackup(error)) throw error;
      useless.add(id);
    }
  }
  return undefined;
};
