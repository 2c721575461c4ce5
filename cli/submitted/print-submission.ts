import type { Submitter } from '../../control-plane/submissions/submit.js';
import { RingfenceError } from '../../core/errors.js';
import { withControl } from '../runtime/with-control.js';
import type { Context } from '../terminal/context.js';
import { onInterrupt } from '../terminal/interrupt.js';

/**
 * Prints a submission as its command would print here, and ends with its exit status. On Ctrl-C this process ends, and the work goes on.
 * @param find gives its id.
 */
export const printSubmission = async (
  context: Context,
  find: (submitter: Submitter) => Promise<string>,
): Promise<void> => {
  const { watchSubmission } = await import('../../control-plane/submissions/watch.js');
  const { terminal, colors } = context;
  const interrupted = onInterrupt();
  try {
    await withControl(context, async (submitter) => {
      const id = await find(submitter);
      const watching = watchSubmission(submitter, id, {
        onOutput: ({ stream, text }) =>
          void (stream === 'out' ? terminal.stdout : terminal.stderr).write(text),
        onNews: (line) => context.say(colors.dim(line)),
      });
      const ended = await Promise.race([watching, interrupted.happened.then(() => undefined)]);
      if (ended === undefined) {
        watching.catch(() => undefined);
        throw new RingfenceError('cancelled', `you watch no more; submission ${id} goes on at the worker`, {
          fix: `watch it again with \`ringfence submissions watch ${id}\``,
        });
      }
      context.exitWith(ended.exitStatus);
    });
  } finally {
    interrupted.giveBack();
  }
};
