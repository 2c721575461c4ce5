import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Project } from '../project/project.js';
import { probeVersion } from './probe.js';
import type { EngineMaker, EngineOrigin } from './types.js';
import { ENGINE_VERSION } from './version.js';

const RecordSchema = z.object({
  version: z.string(),
  origin: z.enum(['download', 'build']),
  installedAt: z.iso.datetime(),
});

/** The place of an engine of one version, and the files beside it while it is being made. */
export interface EngineCache {
  /** `<project.home>/engine`, or RINGFENCE_ENGINE_CACHE. */
  readonly root: string;
  /** `<root>/<version>`: `pulumi`, `engine.json`, and whatever the official archive holds besides. */
  readonly folder: string;
  readonly binary: string;
  readonly lock: string;
}

export const engineCache = (project: Project, env: NodeJS.ProcessEnv): EngineCache => {
  const root = resolve(env.RINGFENCE_ENGINE_CACHE || join(project.home, 'engine'));
  const folder = join(root, ENGINE_VERSION);
  return { root, folder, binary: join(folder, 'pulumi'), lock: `${folder}.lock` };
};

/** How the cached engine came to be; `undefined` when `engine.json` is missing or not ours. */
export const readOrigin = async (cache: EngineCache): Promise<EngineOrigin | undefined> => {
  try {
    return RecordSchema.parse(JSON.parse(await readFile(join(cache.folder, 'engine.json'), 'utf8'))).origin;
  } catch {
    return undefined;
  }
};

/**
 * Makes an engine in a folder beside the cache and moves it in at once, so that an interrupted run leaves
 * nothing that looks like an engine. The caller holds `cache.lock`; leftovers of earlier runs are removed.
 * @throws Error when the maker fails or what it made is not the pinned version
 */
export const fillCache = async (
  cache: EngineCache,
  origin: EngineOrigin,
  make: EngineMaker,
  options: { env: NodeJS.ProcessEnv; onProgress: (line: string) => void },
): Promise<void> => {
  await mkdir(cache.root, { recursive: true });
  await removeLeftovers(cache);
  const draft = await mkdtemp(`${cache.folder}.draft-`);
  try {
    const folder = join(draft, ENGINE_VERSION);
    await mkdir(folder);
    await make({ folder, ...options });
    const version = await probeVersion(join(folder, 'pulumi'), options.env);
    if (version !== ENGINE_VERSION) throw new Error(`it is version ${version}, not ${ENGINE_VERSION}`);
    const record = { version, origin, installedAt: new Date().toISOString() };
    await writeFile(join(folder, 'engine.json'), `${JSON.stringify(record, null, 2)}\n`);
    await rm(cache.folder, { recursive: true, force: true });
    await rename(folder, cache.folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};

const removeLeftovers = async (cache: EngineCache): Promise<void> => {
  for (const name of await readdir(cache.root)) {
    if (name.startsWith(`${ENGINE_VERSION}.draft-`)) {
      await rm(join(cache.root, name), { recursive: true, force: true });
    }
  }
};
