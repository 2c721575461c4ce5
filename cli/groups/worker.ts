import { parseCount } from '../command/option-values.js';
import type { Register } from '../register.js';

/** `ringfence worker`. */
export const registerWorker: Register = (program, on) => {
  on(
    program
      .command('worker')
      .description('run backups, erasures and isolation tests at their times, until it is ended')
      .option('--concurrency <count>', 'jobs at once', parseCount, 2)
      .addHelpText('after', '\nRINGFENCE_ALERT_WEBHOOK is told what is found and what fails for good.'),
    async () => (await import('../commands/worker.js')).worker,
  );
};
