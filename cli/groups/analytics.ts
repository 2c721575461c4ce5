import type { Register } from '../register.js';

/** `ringfence analytics ...`. */
export const registerAnalytics: Register = (program, on) => {
  const analytics = program.command('analytics').description('figures across clinics, in fixed cubes');
  on(
    analytics
      .command('publish')
      .description(
        'publish a month of the cubes, once: no cell shows fewer than five tenants or gives one away',
      )
      .option('--month <month>', 'as in 2026-10; the last one that is over when left out')
      .option('--cell <cell>', 'one cell; every running cell when left out'),
    async () => (await import('../commands/analytics-publish.js')).analyticsPublish,
  );
};
