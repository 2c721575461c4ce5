import { line, section } from './primitives.js';

/** A database login of the tenant's own. What it costs its neighbours in a shared cell: docs/isolation-testing.md. */
export const sqlLogin = section({
  reason: line()
    .min(10, 'is too short; allowed: at least 10 characters')
    .describe('Why the tenant needs it.'),
})
  .nullable()
  .default(null)
  .describe(
    'A login of its own for SQL. Its sessions may lock whole tables, run as long as they like, and need no access library; without it, none.',
  );
