import type { ListedSubmission } from '../../../control-plane/submissions/list.js';
import { defineCommand } from '../../command/define-command.js';
import { parseCount } from '../../command/option-values.js';
import { table } from '../../print/table.js';
import { hasControl, withControl } from '../../runtime/with-control.js';

const NONE = 'no submissions\n';

export const submissionsList = defineCommand({
  name: 'list',
  description: 'every submission, newest first: who submitted what, and how it ended',
  options: {
    limit: { value: '<count>', description: 'at most so many', parse: parseCount, default: 50 },
  },
  examples: ['ringfence submissions list --limit 10'],
  view: async () => (await import('../../../control-plane/submissions/views.js')).submissionView.array(),
  run: async (context, { limit }) => {
    if (!(await hasControl(context))) return context.result([], () => NONE);
    const { listSubmitted } = await import('../../../control-plane/submissions/list.js');
    const submissions = await withControl(context, (submitter) => listSubmitted(submitter, limit));
    context.result(submissions, () =>
      submissions.length === 0
        ? NONE
        : table(
            ['submission', 'command', 'tenant', 'state', 'submitted', 'by', 'login', 'from', 'attempts'],
            submissions.map((submission) => [
              submission.id,
              submission.kind,
              submission.slug ?? '-',
              stateOf(submission),
              submission.submittedAt.toISOString(),
              submission.who,
              submission.login,
              submission.address ?? 'this machine',
              String(submission.attempt),
            ]),
          ),
    );
  },
});

const stateOf = ({ state, isAtWork, worker, exitStatus, errorCode }: ListedSubmission): string => {
  if (state === 'waiting') return 'waiting';
  if (state === 'running') return isAtWork ? `running on ${worker}` : `its worker ${worker} is lost`;
  return exitStatus === 0 ? 'done' : `ended with ${errorCode ?? `status ${exitStatus}`}`;
};
