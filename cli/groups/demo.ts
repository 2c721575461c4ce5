import { parseCount } from '../command/option-values.js';
import type { Register } from '../register.js';

/** `ringfence demo ...`. */
export const registerDemo: Register = (program, on) => {
  const demo = program.command('demo').description('sample data for the reference schema');
  on(
    demo
      .command('load <tenant>')
      .description('deterministic clinic data in Spanish, Arabic and English')
      .option('--patients <count>', 'about ten rows each', parseCount, 500)
      .option('--seed <number>', 'the same seed gives the same data', parseCount, 1),
    async () => (await import('../commands/demo-load.js')).demoLoad,
  );
  on(
    demo
      .command('show <tenant>')
      .description('a few patients, decrypted')
      .option('--limit <count>', 'how many', parseCount, 5),
    async () => (await import('../commands/demo-show.js')).demoShow,
  );
};
