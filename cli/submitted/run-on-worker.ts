import { relative } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import type { Command } from '../command/define-command.js';
import type { Given } from '../command/register.js';
import { hasControl } from '../runtime/with-control.js';
import type { Context } from '../terminal/context.js';
import { printSubmission } from './print-submission.js';

/**
 * Has a worker run a command, and prints what that prints.
 * @throws RingfenceError as submitCommand and watchSubmission.
 */
export const runOnWorker = async (
  context: Context,
  command: Command,
  { options, args }: Pick<Given, 'options' | 'args'>,
): Promise<void> => {
  const { onWorker } = command;
  if (onWorker === undefined) throw refused(command);
  if (!(await hasControl(context)))
    throw new RingfenceError(
      'worker_missing',
      `${context.project.root} has no tenants, cells and workers yet`,
      {
        fix: 'bring the first cell up with `ringfence cells up`, then start `ringfence worker` in its network',
      },
    );
  const { submitCommand } = await import('../../control-plane/submissions/submit.js');
  const { json, yes, terminal, project } = context;
  const gathered = onWorker.gather
    ? await onWorker.gather(context as never, options, ...args)
    : { options, args };
  const manifests = 'manifests' in gathered ? gathered.manifests : [];
  await printSubmission(context, async (submitter) => {
    const { id } = await submitCommand(submitter, {
      kind: onWorker.kind,
      args: gathered.args.filter((argument) => argument !== undefined),
      options: gathered.options,
      manifests: manifests.map((manifest) => ({ ...manifest, path: relative(project.root, manifest.path) })),
      printing: { json, yes, colors: terminal.stderr.isTTY === true && !terminal.env.NO_COLOR },
    });
    context.say(`submitted as ${id}`);
    return id;
  });
};

const refused = ({ notOnWorker }: Command): RingfenceError =>
  notOnWorker === undefined
    ? new RingfenceError('usage', 'no worker runs this command for others', {
        fix: 'leave --on-worker out: it needs no cell that only the worker reaches',
      })
    : new RingfenceError('usage', `no worker runs this command for others: ${notOnWorker.because}`, {
        fix: `${notOnWorker.instead} (docs/reach.md)`,
      });
