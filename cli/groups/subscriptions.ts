import { Argument } from 'commander';
import { SUBSCRIPTION_STATES } from '../../core/lifecycle.js';
import { parseTime } from '../command/option-values.js';
import type { Register } from '../register.js';

/** `ringfence subscriptions ...`. */
export const registerSubscriptions: Register = (program, on) => {
  const subscriptions = program.command('subscriptions').description('what each clinic may do until when');
  on(
    subscriptions.command('show <tenant>').description('the subscription of every clinic of a tenant'),
    async () => (await import('../commands/subscriptions.js')).subscriptionsShow,
  );
  on(
    subscriptions
      .command('set <tenant>')
      .addArgument(new Argument('<status>', 'what it becomes').choices(SUBSCRIPTION_STATES))
      .description('record what was paid: writes in TRIAL and ACTIVE, reads 14 days longer')
      .option('--clinic <slug>', 'this clinic; all of them when left out')
      .option('--until <time>', 'end of the trial or of the paid period', parseTime),
    async () => (await import('../commands/subscriptions.js')).subscriptionsSet,
  );
};
