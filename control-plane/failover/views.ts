import { z } from 'zod';

export const failedOverView = z.strictObject({
  cell: z.string(),
  port: z.int(),
  pauseMs: z.int().describe('from giving up the primary until the cell took connections again'),
  keptData: z.string().nullable().describe('the data that was given up; null where it was gone'),
  problem: z.string().nullable().describe('why it has no new replica yet'),
});
