import { Option } from 'commander';
import { HOLD_KINDS } from '../../control-plane/holds/store.js';
import { parseReason, parseTime } from '../command/option-values.js';
import type { Register } from '../register.js';

/** `ringfence holds ...`. */
export const registerHolds: Register = (program, on) => {
  const holds = program
    .command('holds')
    .description('legal holds and duties to keep records: they stop an erasure');
  on(
    holds
      .command('add <tenant>')
      .description('keep a tenant from being erased')
      .requiredOption('--reason <text>', 'why; the refused erasure names it', parseReason)
      .option('--until <time>', 'when it ends by itself (ISO 8601)', parseTime)
      .addOption(new Option('--kind <kind>', 'what it is').choices(HOLD_KINDS).default('legal-hold')),
    async () => (await import('../commands/holds.js')).holdsAdd,
  );
  on(
    holds.command('list <tenant>').description('every hold, newest first'),
    async () => (await import('../commands/holds.js')).holdsList,
  );
  on(
    holds
      .command('release <tenant> <hold>')
      .description('end a hold')
      .requiredOption('--reason <text>', 'why', parseReason),
    async () => (await import('../commands/holds.js')).holdsRelease,
  );
};
