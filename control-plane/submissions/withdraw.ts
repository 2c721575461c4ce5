import { EXIT_STATUS, RingfenceError } from '../../core/errors.js';
import { getSubmission, type Submission, withdrawWaiting } from './store.js';
import type { Submitter } from './submit.js';

/**
 * Takes a submission back that no worker has taken.
 * @throws RingfenceError `submission_not_found`; `conflict` for one that a worker has, or that has ended; `permission_denied` for
 * another submitter's.
 */
export const withdrawSubmission = async ({ control }: Submitter, id: string): Promise<Submission> => {
  const isWithdrawn = await withdrawWaiting(control, id, {
    exitStatus: EXIT_STATUS.cancelled,
    errorCode: 'cancelled',
  });
  const submission = await getSubmission(control, id);
  if (isWithdrawn) return submission;
  if (submission.state === 'waiting')
    throw new RingfenceError('permission_denied', `submission ${id} is one of ${submission.login}`, {
      fix: 'ask whoever submitted it, or take it back where the project is',
    });
  throw new RingfenceError('conflict', `submission ${id} ${standing(submission)}`, {
    fix:
      submission.state === 'running'
        ? `what it does is an operation: see \`ringfence operations list\`, and watch it with \`ringfence submissions watch ${id}\``
        : 'there is nothing to take back',
  });
};

const standing = ({ state, worker, exitStatus }: Submission): string =>
  state === 'running' ? `is at worker ${worker} already` : `has ended with status ${exitStatus}`;
