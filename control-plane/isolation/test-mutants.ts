import { RingfenceError } from '../../core/errors.js';
import { inScratchServer } from '../../data-plane/database/server/scratch-cell.js';
import { type MutantResult, runMutants } from '../../isolation/mutants/run-mutants.js';
import { withLock } from '../project/lock.js';
import { scratchDir } from '../project/scratch.js';
import type { Runtime } from '../runtime.js';

/**
 * Runs the attack suite on scratch cells, each with one defence less, on a server of their own. What a killed run left
 * is removed first. A mutant that is not caught is data, no error.
 * @param only ids of mutants; all when left out.
 * @throws RingfenceError `conflict` while another run does the same.
 */
export const testMutants = (
  runtime: Runtime,
  options: { readonly only?: readonly string[]; readonly onResult?: (result: MutantResult) => void },
): Promise<MutantResult[]> => {
  // They change roles of a whole server.
  const dir = scratchDir(runtime.project, 'mutants');
  const busy = () =>
    new RingfenceError('conflict', 'another run is trying mutants in this project', {
      fix: 'wait until it ends, then run the command again',
    });
  const work = (): Promise<MutantResult[]> =>
    inScratchServer(dir, ({ host, port, user, password }) =>
      runMutants({ host, port, user, password }, { ...options, now: runtime.now }),
    );
  return withLock(runtime.control, 'mutants', work, busy);
};
