import { defineCommand } from '../../command/define-command.js';
import { printSubmission } from '../../submitted/print-submission.js';

/** With the exit status of the submitted command. */
export const submissionsWatch = defineCommand({
  name: 'watch',
  description: 'print what one prints, from its beginning until it has ended',
  arguments: ['<submission>'],
  note: 'It prints in the form that was asked for when it was submitted, and ends with its exit status.',
  examples: ['ringfence submissions watch 2f6d1c0e-8a4b-4f0e-9b51-0c8f4f1f7d11'],
  run: (context, _options, id) => printSubmission(context, async () => id),
});
