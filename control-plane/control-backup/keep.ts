import { RingfenceError } from '../../core/errors.js';
import { archiveUntilNow } from '../../data-plane/backup/cell/archived-wal.js';
import { listBaseBackups } from '../../data-plane/backup/cell/base-backup.js';
import { historyForgets } from '../../data-plane/backup/cell/cell-history.js';
import { leaveDivergedArchive } from '../../data-plane/backup/cell/diverged-archive.js';
import { localHistory } from '../../data-plane/backup/cell/local-history.js';
import { forgetHistory, sendHistory } from '../../data-plane/backup/offsite/history-copy.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { readControlFile } from '../../data-plane/database/server/control-file.js';
import { readRecord } from '../../data-plane/database/server/record.js';
import { controlConnection, controlDir } from '../project/control-database.js';
import { notePosition } from '../project/control-position.js';
import { withLock } from '../project/lock.js';
import { readProject, recordControlHistoryDays } from '../project/store.js';
import type { Runtime } from '../runtime.js';
import { sendErasureNotes } from './erasure-notes.js';
import { forgetFormer } from './forget-former.js';
import { refuseOnRds } from './kept-by-rds.js';
import { beginOffsite } from './offsite.js';
import { sendSigningKey, signingKeyFile } from './signing-key.js';

/** The result of one upkeep. */
export interface ControlKept {
  /** True when a base backup was taken; otherwise only new log was sent. */
  readonly base: boolean;
  readonly sentFiles: number;
  readonly removedObjects: number;
  /** The newer generation in the store, when this database turned out to be an earlier one. */
  readonly forkedFrom: string | null;
}

interface KeepOptions {
  readonly base: boolean;
  /** The length of its window from now on; as it was when left out. */
  readonly historyDays?: number;
  /** Whether it looks for the notes of all erasures (default true). An erasure sends its own note, so the end of a command does not. */
  readonly erasureNotes?: boolean;
}

/** What ended before this moment, no window reaches. */
const limitOf = ({ now }: Runtime, historyDays: number): Date =>
  new Date(now().getTime() - historyForgets(new Date(0), historyDays).getTime());

/**
 * Brings everything that the control database has committed into the object store, sealed under a root key of its own: the log
 * since the last time, and a base backup where there is none or `base` asks for one, with which what is older than the window goes. Of
 * one on Amazon RDS, which keeps its history, only the notes of erasures and the signing key.
 */
export const keepControl = (runtime: Runtime, options: KeepOptions): Promise<ControlKept> =>
  withLock(runtime.control, 'history/control', async () => {
    const { control, project, target } = runtime;
    if (options.historyDays !== undefined)
      refuseOnRds(runtime, 'change it with `ringfence control up --history-days`');
    if (options.historyDays !== undefined) await recordControlHistoryDays(control, options.historyDays);
    const dir = controlDir(project);
    const { id, historyDays } = await readProject(control);
    const offsite = await beginOffsite(target, id);
    if (runtime.controlServer !== undefined) {
      await sendErasureNotes(control, offsite);
      await sendSigningKey(offsite, signingKeyFile(project));
      const removedObjects = await forgetFormer(offsite.store, limitOf(runtime, historyDays));
      return { base: false, sentFiles: 0, removedObjects, forkedFrom: null };
    }
    const admin = await controlConnection(project);
    const record = readRecord(dir);
    if (!record) throw new RingfenceError('database_unavailable', 'the control database has no server here');
    const { dataDir } = record;
    await withConnection(admin, (client) => leaveDivergedArchive(client, dataDir, runtime.now()));
    const base = options.base || listBaseBackups(dataDir).length === 0;
    if (base)
      await localHistory({ dir, connect: async () => admin, reached: runtime.reached }).upkeep(historyDays);
    else await withConnection(admin, (client) => archiveUntilNow(client, dataDir));
    const { sentFiles, generation, forkedFrom } = await sendHistory(offsite, {
      dataDir,
      systemId: readControlFile(dataDir).systemId,
    });
    await notePosition(project, control, runtime.now());
    if (options.erasureNotes ?? true) await sendErasureNotes(control, offsite);
    await sendSigningKey(offsite, signingKeyFile(project));
    runtime.reached('control-history-sent');
    const removedObjects = base
      ? await forgetHistory(offsite, {
          generation,
          bases: listBaseBackups(dataDir),
          limit: limitOf(runtime, historyDays),
        })
      : 0;
    return { base, sentFiles, removedObjects, forkedFrom };
  });

/** The control database was put back to an earlier state by hand. */
export const forkWarning = (generation: string): string =>
  `the control database is an earlier one than its own backup: to go on from that backup instead, run \`ringfence control restore --generation ${generation}\``;
