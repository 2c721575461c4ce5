import { parseCount } from '../command/option-values.js';
import type { Register } from '../register.js';

/** `ringfence keys ...`. */
export const registerKeys: Register = (program, on) => {
  const keys = program.command('keys').description('the keys of a tenant');
  on(
    keys
      .command('rotate <tenant>')
      .description('give a tenant a new key version and seal its fields again, while it works on')
      .option(
        '--settle <seconds>',
        'how long applications may go on with the version they know',
        parseCount,
        300,
      ),
    async () => (await import('../commands/keys-rotate.js')).keysRotate,
  );
  on(
    keys
      .command('retire <tenant>')
      .description(
        'destroy the older versions of a key that nothing needs any more; scheduled backups do it themselves',
      ),
    async () => (await import('../commands/keys-retire.js')).keysRetire,
  );
};
