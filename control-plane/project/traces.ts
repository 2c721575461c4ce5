import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { DEFAULT_OBJECTS } from '../../targets/index.js';
import { objectStores } from './object-stores.js';
import type { Project } from './project.js';
import { openState } from './state/open-state.js';
import { listStacks } from './state/stack-files.js';

/** Folders of a project that prove former cells or tenants, each with a name for its content. */
const FOLDERS = [
  ['keyring', (project: Project) => join(project.home, 'keyring'), 'root keys'],
  ['cells', (project: Project) => join(project.home, 'cells'), 'cells'],
  ['objects', (project: Project) => join(project.home, 'objects'), 'backups'],
  ['erasure', (project: Project) => join(project.home, 'erasure'), 'certificates of erasures'],
] as const;

/** The object of a tenant, or of the control database, among others in a bucket. */
const OURS = /^[a-z][a-z0-9-]*\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\//;

/**
 * Traces of cells or tenants outside of the control database: `root keys in .ringfence/keyring`. Beside a trace nothing
 * starts empty.
 */
export const findTraces = async (project: Project, env: NodeJS.ProcessEnv): Promise<string[]> => {
  const found = FOLDERS.filter(([, place]) => hasEntries(place(project))).map(
    ([name, , what]) => `${what} in ${join(project.home, name)}`,
  );
  const state = openState(project, env);
  if ((await listStacks(state)).length > 0) found.push(`deployed stacks in ${state.name}`);
  const { place, all } = objectStores(project, env);
  if (place === DEFAULT_OBJECTS) return found;
  for await (const { key } of all(place).list(''))
    if (OURS.test(key)) return [...found, `backups in ${place}`];
  return found;
};

const hasEntries = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => !name.startsWith('.'));

/** @throws RingfenceError `data_lost` where there are traces; as `StateStore.check`, before anything is made that would need the state. */
export const refuseToStartEmpty = async (project: Project, env: NodeJS.ProcessEnv): Promise<void> => {
  const traces = await findTraces(project, env);
  if (traces.length > 0) throw controlLost(traces);
  await openState(project, env).check();
};

const controlLost = (traces: readonly string[]): RingfenceError =>
  new RingfenceError('data_lost', `the control database is gone, but there are ${traces.join(', ')}`, {
    fix: 'bring it back with `ringfence control restore`; nothing was changed; to throw everything away: `ringfence cells down --purge`',
  });
