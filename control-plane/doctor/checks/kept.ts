import { join, relative, sep } from 'node:path';
import { runningLocalServer } from '../../../data-plane/database/server/local-server.js';
import { listCells } from '../../cells/store.js';
import { describeErasedIn, findKept, type KeptFolder } from '../../erasure/kept-data.js';
import type { Project } from '../../project/project.js';
import type { Check } from '../types.js';
import { withControl } from './with-control.js';

const NAME = 'kept';

/**
 * Names the servers' folders that are kept aside, those that may have rows of erased tenants, and those of running servers: an older
 * control database does not know a cell that is somebody's home by now.
 */
export const checkKept: Check = ({ project, env }) =>
  withControl({ project, env }, NAME, 'nobody was asked which folders are kept aside', async (control) => {
    const kept = await findKept(control, project);
    const known = new Set((await listCells(control)).map(({ name }) => name));
    const unknown = runningCells(project, kept).filter((name) => !known.has(name));
    if (unknown.length > 0)
      return {
        name: NAME,
        status: 'fail',
        detail: `servers of cells run that the control database does not know: ${unknown.join(', ')}; they may be the home of tenants`,
        fix: '`ringfence control reconcile`; where they are still unknown afterwards, `ringfence control restore` brings the newest control database back',
        data: { cells: unknown },
      };
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

/** Cells that run and have a folder that is none of a cell's own: all of an unknown cell, what a known one keeps aside. */
const runningCells = ({ home }: Project, kept: readonly KeptFolder[]): string[] => {
  const cells = join(home, 'cells');
  const names = kept
    .map(({ path }) => relative(cells, path).split(sep))
    .filter(([name = '', inside]) => name !== '' && name !== '..' && inside !== undefined)
    .map(([name = '']) => name);
  return [...new Set(names)].filter((name) => runningLocalServer(join(cells, name)) !== undefined);
};
