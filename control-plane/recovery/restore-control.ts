import { RingfenceError } from '../../core/errors.js';
import { keepControl } from '../control-backup/keep.js';
import { type ControlSource, restoreControlServer } from '../control-backup/restore.js';
import { withFreeFileLock } from '../engine/file-lock.js';
import { inRuntime } from '../open-runtime.js';
import {
  adoptControlAddress,
  type ControlPlace,
  controlUrl,
  readControlAddress,
} from '../project/control-address.js';
import { beingCarried, hasControlDatabase, hasLocalControl } from '../project/control-database.js';
import { explainUnreachable, openControlServer } from '../project/control-server.js';
import { controlLockFile } from '../project/project.js';
import type { Runtime, RuntimeOptions } from '../runtime.js';
import { type Reconciled, reconcile } from './reconcile.js';
import { noteReconciled, restoreControlOnRds } from './restore-on-rds.js';

/** A restored control database, and its news from the objects. */
export interface ControlRestored extends Reconciled {
  readonly source: ControlSource;
}

type Request = RuntimeOptions & {
  readonly at?: Date | undefined;
  readonly generation?: string | undefined;
  readonly now: Date;
};

/**
 * Restores the control database to its newest state, or to a moment, and then brings it up to the objects. Sends an
 * existing one to the object store first, so that no commit is lost, and sets it aside.
 * @throws RingfenceError `conflict` while another one runs.
 */
export const restoreControl = async (options: Request): Promise<ControlRestored> =>
  withFreeFileLock(
    controlLockFile(options.project),
    () => restore(options),
    (pid) =>
      new RingfenceError('conflict', `another restore of the control database is running (process ${pid})`, {
        fix: 'wait until it ends',
      }),
  );

const restore = async (options: Request): Promise<ControlRestored> => {
  const { project, env } = options;
  adoptControlAddress(project, env, () => hasLocalControl(project));
  const address = readControlAddress(project);
  if (address?.state === 'arriving') throw beingCarried(address);
  return address ? restoreElsewhere(options, address) : restoreHere(options);
};

const restoreHere = async (options: Request): Promise<ControlRestored> => {
  const isOlder = hasControlDatabase(options.project) && !(await sendWhatIsThere(options));
  const { at, generation, now } = options;
  const source = await restoreControlServer(options.project, options.env, {
    at,
    generation,
    isOlder,
    now,
    reached: options.reached ?? (() => undefined),
  });
  return bringUpToObjects(options, source, (runtime) => keepControl(runtime, { base: true }));
};

/** RDS keeps its backups; the object store has the notes of erasures. */
const restoreElsewhere = async (options: Request, place: ControlPlace): Promise<ControlRestored> => {
  const { project, env, at, now, reached = () => undefined, onProgress: say } = options;
  if (options.generation !== undefined)
    throw new RingfenceError(
      'usage',
      `the control database is ${controlUrl(place)}, whose backups RDS keeps`,
      {
        fix: 'leave --generation out, and name a time with --to',
      },
    );
  await sendWhatIsThere(options);
  const server = await openControlServer(project, place, { env, reached, say });
  const source = await restoreControlOnRds(project, server, { at, now, reached, say }).catch(
    (error: unknown) => {
      throw explainUnreachable(error, place);
    },
  );
  return bringUpToObjects(options, source, async (runtime) => {
    await keepControl(runtime, { base: false });
    await noteReconciled(server);
  });
};

const bringUpToObjects = async (
  options: Request,
  source: ControlSource,
  keep: (runtime: Runtime) => Promise<unknown>,
): Promise<ControlRestored> => {
  options.onProgress('the control database runs; reading what the objects say');
  return inRuntime(options, async (runtime) => {
    const reconciled = await reconcile(runtime);
    await keep(runtime);
    return { source, ...reconciled };
  });
};

/** Sends the commits of the existing control database. @returns false for an earlier state: its log would count as the newest. */
const sendWhatIsThere = async (options: Request): Promise<boolean> => {
  try {
    await inRuntime(options, async (runtime) => {
      await runtime.beforeChange();
      return keepControl(runtime, { base: false });
    });
    return true;
  } catch (error) {
    if (error instanceof RingfenceError && error.code === 'control_outdated') return false;
    // A database that cannot be sent is the reason for the restore. It is set aside all the same.
    const why = error instanceof RingfenceError ? `[${error.code}] ${error.message}` : String(error);
    options.onProgress(`what is there could not be sent to the object store: ${why}`);
    return true;
  }
};
