import { parseCount, parseUuid } from '../command/option-values.js';
import type { Register } from '../register.js';

/** `ringfence support ...`. */
export const registerSupport: Register = (program, on) => {
  const support = program.command('support').description('access of your own support to a tenant, read-only');
  on(
    support
      .command('grant <tenant>')
      .description('let a user read a tenant for a while; its clinics see it in their audit log')
      .requiredOption('--user <id>', 'the user (a UUID)', parseUuid)
      .requiredOption('--reason <text>', 'why; the clinic reads it')
      .option('--minutes <count>', 'for how long, at most 480', parseCount, 60),
    async () => (await import('../commands/support.js')).supportGrant,
  );
  on(
    support.command('list <tenant>').description('every grant, newest first'),
    async () => (await import('../commands/support.js')).supportList,
  );
  on(
    support.command('revoke <tenant> <grant>').description('end a grant now'),
    async () => (await import('../commands/support.js')).supportRevoke,
  );
};
