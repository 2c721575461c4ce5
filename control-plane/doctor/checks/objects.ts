import { objectStores } from '../../deployment/object-stores.js';
import type { Check } from '../types.js';

/** No cell has this name, because names of cells start with a letter. */
const NO_CELL = '0';

/** Says where backups go, and asks the bucket where that is one. */
export const checkObjects: Check = async ({ project, env }) => {
  const { place, lockDays, at } = objectStores(project, env);
  await at(place, NO_CELL).check();
  const lock = lockDays === undefined ? '' : `, each locked for ${lockDays} days`;
  const where = place === 'folder' ? `backups go to ${project.home}/objects` : `backups go to ${place}`;
  return {
    name: 'objects',
    status: 'ok',
    detail: `${where}${lock}`,
    data: { place, lockDays: lockDays ?? null },
  };
};
