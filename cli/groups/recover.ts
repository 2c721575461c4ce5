import type { Register } from '../register.js';

/** `ringfence recover`. */
export const registerRecover: Register = (program, on) => {
  on(
    program
      .command('recover')
      .description('bring a whole project back on a new machine, from its objects and its keyring')
      .requiredOption('--from <objects>', 'a copy of .ringfence/objects, or s3://<bucket>/<prefix>')
      .requiredOption('--keyring <folder>', 'a copy of .ringfence/keyring'),
    async () => (await import('../commands/recover.js')).recoverProject,
  );
};
