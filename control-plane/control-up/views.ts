import { z } from 'zod';
import { REGION_NAMES } from '../../core/regions.js';

export const controlUpView = z.strictObject({
  region: z.enum(REGION_NAMES),
  rdsInstance: z.string(),
  url: z.string().describe('as RINGFENCE_CONTROL takes it, for another machine or a container'),
  historyDays: z.int().describe('how many days back RDS can restore it'),
  carriedRows: z
    .int()
    .nullable()
    .describe('rows that were carried from this machine; null where it was there already'),
  allowAgain: z
    .array(z.string())
    .describe('logins of `submissions allow` that did not come along, because no password can be read'),
  kept: z.array(z.string()).describe('what is not used any more on this machine, and is kept'),
});

export const controlDownView = z.strictObject({
  region: z.enum(REGION_NAMES),
  rdsInstance: z.string(),
});
