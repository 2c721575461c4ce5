import { RingfenceError } from '../../core/errors.js';
import { makeHome } from '../project/home.js';
import { buildEngine } from './build.js';
import { type EngineCache, engineCache, fillCache } from './cache.js';
import { downloadEngine } from './download.js';
import { withFileLock } from './file-lock.js';
import { findEngine, fromCache } from './find.js';
import { neededGoVersion } from './go-toolchain.js';
import type { Engine, EngineMaker, EngineOptions, EngineOrigin } from './types.js';
import { ENGINE_MINIMUM_VERSION, ENGINE_VERSION } from './version.js';

/** Longer than a download and a build together may take. */
const LOCK_WAIT_MS = 45 * 60_000;

/** The two ways to obtain an engine; a test replaces them. */
export interface EngineMakers {
  readonly download: EngineMaker;
  readonly build: EngineMaker;
}

/**
 * Finds the Pulumi engine, or puts one into the cache: RINGFENCE_PULUMI, PATH, the cache, the official download,
 * a build from the published Go modules. Of several processes at once, one obtains it and the others wait.
 * @throws RingfenceError `engine_missing` when none of the ways works, with the reason of each;
 *   `config_invalid` when RINGFENCE_PULUMI is set to something else; `permission_denied` or `disk_full` when
 *   the cache cannot be written
 */
export const ensureEngine = async (
  options: EngineOptions,
  makers: EngineMakers = { download: downloadEngine, build: buildEngine },
): Promise<Engine> => {
  const found = await findEngine(options);
  if (found) return found;
  const cache = engineCache(options.project, options.env);
  const onWait = (pid: number | undefined) =>
    options.onProgress?.(`Waiting for process ${pid ?? 'unknown'}, which is obtaining the Pulumi engine`);
  try {
    makeHome(options.project);
    return await withFileLock(cache.lock, () => obtain(cache, options, makers), {
      waitMs: LOCK_WAIT_MS,
      onWait,
    });
  } catch (error) {
    throw explainFileSystem(error, cache);
  }
};

const obtain = async (cache: EngineCache, options: EngineOptions, makers: EngineMakers): Promise<Engine> => {
  const madeByAnother = await fromCache({ project: options.project, env: options.env });
  if (madeByAnother) return madeByAnother;
  const { env, onProgress = () => undefined } = options;
  const reasons: string[] = [];
  const causes: unknown[] = [];
  for (const origin of ['download', 'build'] as const satisfies readonly EngineOrigin[]) {
    try {
      await fillCache(cache, origin, makers[origin], { env, onProgress });
      return { path: cache.binary, version: ENGINE_VERSION, source: origin, origin };
    } catch (error) {
      if (fileSystemCode(error)) throw error;
      const reason = `${origin}: ${error instanceof Error ? error.message : String(error)}`;
      onProgress(`The engine cannot be had by ${reason}`);
      reasons.push(reason);
      causes.push(error);
    }
  }
  throw await missing(reasons, causes);
};

const missing = async (reasons: readonly string[], causes: readonly unknown[]): Promise<RingfenceError> =>
  new RingfenceError(
    'engine_missing',
    `the Pulumi engine ${ENGINE_VERSION} is not on this machine and could not be obtained\n  ${reasons.join('\n  ')}`,
    {
      fix: `set RINGFENCE_PULUMI to a pulumi binary (${ENGINE_MINIMUM_VERSION} or newer), allow network access to get.pulumi.com, or install Go ${await neededGoVersion()} or newer with access to a Go module proxy`,
      cause: new AggregateError(causes),
    },
  );

const FILE_SYSTEM_CODES = ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS'];

const fileSystemCode = (error: unknown): string | undefined => {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' && FILE_SYSTEM_CODES.includes(code) ? code : undefined;
};

const explainFileSystem = (error: unknown, cache: EngineCache): unknown => {
  const code = fileSystemCode(error);
  if (!code) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new RingfenceError(
    full ? 'disk_full' : 'permission_denied',
    `the engine's cache ${cache.root} cannot be written (${code})`,
    {
      fix: full
        ? 'free 300 MB, or set RINGFENCE_ENGINE_CACHE to a folder on another disk'
        : 'make it writable for this user, or set RINGFENCE_ENGINE_CACHE to a folder that is',
      cause: error,
    },
  );
};
