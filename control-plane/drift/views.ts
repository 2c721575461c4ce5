import { z } from 'zod';

const verdict = z.enum(['clean', 'drifted', 'cannot-tell']);

export const driftView = z.strictObject({
  verdict: verdict.describe('of all together: one that drifted decides, then one that cannot be told'),
  subjects: z.array(
    z.strictObject({
      subject: z.enum(['tenant', 'cell']),
      name: z.string(),
      verdict,
      differences: z.array(
        z.strictObject({
          kind: z
            .enum(['changed', 'missing', 'undeclared'])
            .describe('undeclared: something is there that nobody declared'),
          what: z.string(),
          parts: z.array(z.string()),
        }),
      ),
      cannotTell: z.array(z.string()).describe('what could not be looked at, and why'),
    }),
  ),
});
