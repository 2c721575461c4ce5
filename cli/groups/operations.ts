import { parseCount } from '../option-values.js';
import type { Register } from '../register.js';

/** `ringfence operations ...`. */
export const registerOperations: Register = (program, on) => {
  const operations = program
    .command('operations')
    .description('what was done to tenants, and what was broken off');
  on(
    operations
      .command('list')
      .description('every operation, newest first')
      .option('--tenant <slug>', 'of this tenant only')
      .option('--limit <count>', 'at most so many', parseCount, 50),
    async () => (await import('../commands/operations.js')).operationsList,
  );
  on(
    operations.command('show <operation>').description('one operation: its steps, attempts and error'),
    async () => (await import('../commands/operations.js')).operationsShow,
  );
  on(
    operations
      .command('resume <operation>')
      .description('go on with one that was killed or failed, from its first step on')
      .option('--confirm <tenant>', 'for what deletes: the name that a person would type'),
    async () => (await import('../commands/operations-resume.js')).operationsResume,
  );
  on(
    operations
      .command('abort <operation>')
      .description('give one up that was killed or failed, and undo what it did, while that can be undone'),
    async () => (await import('../commands/operations-resume.js')).operationsAbort,
  );
};
