import { runWorker } from '../../control-plane/worker/worker.js';
import { reportsFolder } from '../runtime/reports-folder.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence worker`: until SIGTERM or Ctrl-C. */
export const worker = async (context: Context, options: { concurrency: number }): Promise<void> => {
  const ended = new AbortController();
  const end = () => ended.abort();
  process.once('SIGTERM', end).once('SIGINT', end);
  const webhook = context.terminal.env.RINGFENCE_ALERT_WEBHOOK;
  await withRuntime(context, async (runtime) => {
    context.say('working; end with Ctrl-C');
    await runWorker(runtime, {
      folder: reportsFolder(context),
      concurrency: options.concurrency,
      ...(webhook ? { webhook } : {}),
      say: context.say,
      signal: ended.signal,
    });
  });
  context.say('ended');
};
