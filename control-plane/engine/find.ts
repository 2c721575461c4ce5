import { resolve } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { engineCache, readOrigin } from './cache.js';
import { findOnPath, probeVersion } from './probe.js';
import type { Engine, EngineOptions } from './types.js';
import { ENGINE_MINIMUM_VERSION, ENGINE_VERSION, incompatibility } from './version.js';

/**
 * Looks for an engine in RINGFENCE_PULUMI, on PATH and in the cache, in this order; downloads and builds nothing.
 * An engine that is there and cannot be used is passed over with a line to `onProgress`.
 * @throws RingfenceError `config_invalid` when RINGFENCE_PULUMI is set to something that is not a usable engine
 */
export const findEngine = async (options: EngineOptions): Promise<Engine | undefined> =>
  (await fromEnv(options)) ?? (await fromPath(options)) ?? (await fromCache(options));

const fromEnv = async ({ env }: EngineOptions): Promise<Engine | undefined> => {
  const named = env.RINGFENCE_PULUMI;
  if (!named) return undefined;
  const path = resolve(named);
  try {
    return { path, version: await usableVersion(path, env), source: 'env' };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RingfenceError('config_invalid', `RINGFENCE_PULUMI names ${path}, but ${reason}`, {
      fix: `point it at a pulumi binary of version ${ENGINE_MINIMUM_VERSION} or newer, or unset it`,
      cause,
    });
  }
};

const fromPath = async ({ env, onProgress }: EngineOptions): Promise<Engine | undefined> => {
  const path = await findOnPath('pulumi', env);
  if (!path) return undefined;
  try {
    return { path, version: await usableVersion(path, env), source: 'path' };
  } catch (error) {
    onProgress?.(`Passing over ${path}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
};

/** The cache alone; `ensureEngine` asks it again after it waited for another process. */
export const fromCache = async ({ project, env, onProgress }: EngineOptions): Promise<Engine | undefined> => {
  const cache = engineCache(project, env);
  const version = await probeVersion(cache.binary, env).catch(() => undefined);
  const origin = await readOrigin(cache);
  if (version === ENGINE_VERSION) {
    return { path: cache.binary, version, source: 'cache', ...(origin && { origin }) };
  }
  if (version ?? origin) onProgress?.(`Passing over ${cache.binary}: it does not run as ${ENGINE_VERSION}`);
  return undefined;
};

const usableVersion = async (path: string, env: NodeJS.ProcessEnv): Promise<string> => {
  const version = await probeVersion(path, env);
  const reason = incompatibility(version);
  if (reason) throw new Error(reason);
  return version;
};
