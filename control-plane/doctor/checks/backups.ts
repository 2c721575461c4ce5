import { listLostBackups, newestObjects } from '../../backups/lost.js';
import { objectStores } from '../../project/object-stores.js';
import type { Check } from '../types.js';
import { withControl } from './with-control.js';

const NAME = 'backups';
/** Each tenant costs one request to the object store. */
const TENANTS_MAX = 100;

/** Checks for lost backups with rows, and for a missing object of a tenant's newest backup. */
export const checkBackups: Check = ({ project, env }) =>
  withControl({ project, env }, NAME, 'no backup was looked for', async (control) => {
    const objects = objectStores(project, env);
    const lost = (await listLostBackups(control)).map(
      ({ id, slug, rows, takenAt }) =>
        `backup ${id} of ${slug} of ${takenAt.toISOString()} with ${rows} rows is lost or damaged`,
    );
    const newest = (await newestObjects(control)).slice(0, TENANTS_MAX);
    for (const { id, slug, cell, place, objectKey, rows } of newest)
      if (!(await objects.at(place, cell).stat(objectKey)))
        lost.push(`the object of ${slug}'s newest backup ${id} with ${rows} rows is not there`);
    return lost.length === 0
      ? {
          name: NAME,
          status: 'ok',
          detail: `the newest backups of ${newest.length} tenants are where they should be`,
        }
      : {
          name: NAME,
          status: 'fail',
          detail: lost.join('; '),
          fix: 'put the objects back from another copy, then run `ringfence control reconcile`; to give one up: `ringfence backups forget <tenant> <backup>`',
          data: { lost },
        };
  });
