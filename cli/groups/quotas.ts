import type { Register } from '../register.js';

/** `ringfence quotas ...`. */
export const registerQuotas: Register = (program, on) => {
  const quotas = program.command('quotas').description('what a tenant may use, and what it uses');
  on(
    quotas.command('show <tenant>').description('each limit, what of it is used, when it is free again'),
    async () => (await import('../commands/quotas-show.js')).quotasShow,
  );
  on(
    quotas.command('usage').description('every tenant, the one nearest to a limit first'),
    async () => (await import('../commands/quotas-usage.js')).quotasUsage,
  );
  on(
    quotas
      .command('set <tenant> <quota=limit...>')
      .description('write limits into the manifest and deploy them: rows=750000 requestsPerMinute=600'),
    async () => (await import('../commands/quotas-set.js')).quotasSet,
  );
};
