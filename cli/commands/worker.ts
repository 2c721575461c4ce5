import { defineCommand } from '../command/define-command.js';
import { parseCount } from '../command/option-values.js';
import { reportsFolder } from '../runtime/reports-folder.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** Until SIGTERM or Ctrl-C. */
export const worker = defineCommand({
  name: 'worker',
  description: 'run backups, erasures and isolation tests at their times, until it is ended',
  options: {
    concurrency: { value: '<count>', description: 'jobs at once', parse: parseCount, default: 2 },
    check: {
      description:
        'only say whether a worker runs on this machine and reaches the control database; exit status 5 if not',
    },
  },
  notOnWorker: { because: 'it is the worker', instead: 'run it in the network of the cell' },
  note: 'RINGFENCE_ALERT_WEBHOOK is told what is found and what fails for good.',
  examples: ['ringfence worker --concurrency 4'],
  run: async (context, options) => {
    if (options.check) return checkWorker(context);
    const { runWorker } = await import('../../control-plane/worker/worker.js');
    const ended = new AbortController();
    const end = () => ended.abort();
    // The process's own way of ending on Ctrl-C would leave the jobs at hand.
    process.removeAllListeners('SIGINT').once('SIGTERM', end).once('SIGINT', end);
    const webhook = context.terminal.env.RINGFENCE_ALERT_WEBHOOK;
    const caller = { ...context.caller, door: 'worker' as const };
    await withRuntime({ ...context, caller }, async (runtime) => {
      await runWorker(runtime, {
        folder: reportsFolder(context),
        concurrency: options.concurrency,
        ...(webhook ? { webhook } : {}),
        say: context.say,
        onWorking: () => context.say('working; end with Ctrl-C'),
        signal: ended.signal,
        newId: context.terminal.newId,
        runSubmitted: context.runSubmitted,
      });
    });
    context.say('ended');
  },
});

/** Opens nothing: it is asked every minute. */
const checkWorker = async (context: Context): Promise<void> => {
  const { heardOfWorker } = await import('../../control-plane/worker/pulse.js');
  const heard = heardOfWorker(context.project, new Date());
  context.say(heard ? `a worker was heard of at ${heard.toISOString()}` : 'no worker is heard of');
  if (heard === undefined) context.exitWith(5);
};
