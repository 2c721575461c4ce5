import { z } from 'zod';

export const doctorView = z.strictObject({
  ok: z.boolean().describe('no check failed'),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['ok', 'warn', 'fail']),
      detail: z.string(),
      fix: z.string().optional(),
      data: z.record(z.string(), z.unknown()).optional().describe('the same facts for programs'),
    }),
  ),
});
