import { z } from 'zod';

/** A smoke test that has come through. */
export const smokeView = z.strictObject({
  steps: z.array(
    z.strictObject({
      step: z.string(),
      command: z.string(),
      seconds: z.number(),
      isUnknown: z.boolean().describe('it ran, and could not tell'),
      isEarlier: z.boolean().describe('an earlier run of this folder did it'),
    }),
  ),
  left: z.array(z.string()).describe('commands that take down what is left and costs money'),
});
