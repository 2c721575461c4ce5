import { join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { listGenerations, type OffsiteGeneration } from '../../data-plane/backup/offsite/generations.js';
import type { OffsiteStore } from '../../data-plane/backup/offsite/sealed-object.js';
import { localKeyring } from '../../data-plane/keys/local-keyring.js';
import { readProjectId, writeProjectId } from '../project/id.js';
import { objectStores } from '../project/object-stores.js';
import type { Project } from '../project/project.js';
import { controlStore, openOffsite, projectsIn } from './offsite.js';

/** Opens the store of the project's control backups. A project that lost its id takes it from there. */
export const findOffsite = async (
  project: Project,
  env: NodeJS.ProcessEnv,
): Promise<OffsiteStore | undefined> => {
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

/** Returns the named generation, or all of them, newest first. A restore tries an older one only when nothing else is left. */
export const candidates = async (
  offsite: OffsiteStore,
  name: string | undefined,
  isLost: boolean,
): Promise<readonly OffsiteGeneration[]> => {
  const known = await listGenerations(offsite.store);
  const newestFirst = known.filter(({ baseAt }) => baseAt !== undefined).reverse();
  if (name === undefined) return isLost ? newestFirst : newestFirst.slice(0, 1);
  const chosen = known.find((one) => one.name === name);
  if (chosen) return [chosen];
  throw new RingfenceError(
    'backup_not_found',
    `the object store has no generation ${name} of the control database`,
    { fix: `choose from: ${known.map((one) => one.name).join(', ')}` },
  );
};
