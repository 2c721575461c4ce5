import { describeErasedIn, findKept } from '../../erasure/kept-data.js';
import type { Check } from '../types.js';
import { withControl } from './with-control.js';

const NAME = 'kept';

/** Names the servers' folders that are kept aside, and those that may have rows of erased tenants. */
export const checkKept: Check = ({ project }) =>
  withControl(project, NAME, 'nobody was asked which folders are kept aside', async (control) => {
    const kept = await findKept(control, project);
    const paths = kept.map(({ path }) => path);
    const problems = await describeErasedIn(control, kept);
    if (problems.length > 0)
      return {
        name: NAME,
        status: 'fail',
        detail: problems.join('; '),
        fix: 'remove them: their certificates say that nothing is left',
        data: { paths, problems },
      };
    return paths.length === 0
      ? { name: NAME, status: 'ok', detail: 'no data, archive or base backup of a server is kept aside' }
      : {
          name: NAME,
          status: 'warn',
          detail: `kept aside: ${paths.join(', ')}`,
          fix: 'remove each when you miss nothing: it has rows of all tenants of then, and whoever of them is erased gets no certificate before',
          data: { paths },
        };
  });
