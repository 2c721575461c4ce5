import { defineCommand } from '../../command/define-command.js';
import { withControl } from '../../runtime/with-control.js';

export const submissionsWithdraw = defineCommand({
  name: 'withdraw',
  description: 'take one back that no worker has taken yet',
  arguments: ['<submission>'],
  examples: ['ringfence submissions withdraw 2f6d1c0e-8a4b-4f0e-9b51-0c8f4f1f7d11'],
  view: async () => (await import('../../../control-plane/submissions/views.js')).submissionView,
  run: async (context, _options, id) => {
    const { withdrawSubmission } = await import('../../../control-plane/submissions/withdraw.js');
    const submission = await withControl(context, (submitter) => withdrawSubmission(submitter, id));
    context.result(submission, () => `${submission.kind} ${id} is taken back; nothing was done\n`);
  },
});
