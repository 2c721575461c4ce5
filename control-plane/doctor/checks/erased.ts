import type pg from 'pg';
import { certificatesHere } from '../../erasure/certificates-here.js';
import { findErasedObjects } from '../../erasure/erased-objects.js';
import { objectStores } from '../../project/object-stores.js';
import type { Project } from '../../project/project.js';
import { listErasures } from '../../tenants/erasures.js';
import { findTenantById } from '../../tenants/store.js';
import type { Check } from '../types.js';
import { withControl } from './with-control.js';

const NAME = 'erased';

/**
 * Checks whether an older copy of a part brought objects, a key or the record of an erased tenant back. Names unfinished
 * erasures.
 */
export const checkErased: Check = ({ project, env }) =>
  withControl({ project, env }, NAME, 'nothing was compared with the erasures', async (control) => {
    const problems = [
      ...(await findErasedObjects(control, objectStores(project, env))),
      ...(await certifiedAgain(control, project)),
    ];
    if (problems.length > 0)
      return {
        name: NAME,
        status: 'fail',
        detail: problems.join('; '),
        fix: 'as it says there',
        data: { problems },
      };
    const begun = await begunErasures(control);
    return begun.length === 0
      ? { name: NAME, status: 'ok', detail: 'no object and no key of an erased tenant is there' }
      : {
          name: NAME,
          status: 'warn',
          detail: `an erasure was begun and is not finished: ${begun.join(', ')}`,
          fix: begun.map((slug) => `ringfence tenants erase ${slug}`).join('; '),
        };
  });

/** Tenants that the control database knows, though this project certified that they were erased. */
const certifiedAgain = async (control: pg.Pool, project: Project): Promise<string[]> => {
  const again: string[] = [];
  for (const { id, tenantId } of certificatesHere(project)) {
    const tenant = await findTenantById(control, tenantId);
    if (tenant)
      again.push(
        `tenant ${tenant.slug} is here again, though certificate ${id} says that it was erased: \`ringfence control reconcile\` erases it again`,
      );
  }
  return again;
};

const begunErasures = async (control: pg.Pool): Promise<string[]> =>
  (await listErasures(control)).flatMap(({ state, slug }) => (state === 'running' && slug ? [slug] : []));
