import { z } from 'zod';

export const stateMoveView = z.strictObject({
  from: z.string(),
  to: z.string().describe('where the state is now'),
  outcome: z.enum(['moved', 'unchanged', 'given-up']),
  stacks: z.int().describe('stacks that were moved'),
});
