import { z } from 'zod';
import { REGION_NAMES, RESIDENCIES } from '../../core/regions.js';
import { moment } from '../view.js';
import { PARTS } from './finding.js';
import { OUTCOMES, VERDICTS } from './judge.js';

/** Where everything of a tenant is. */
export const residencyView = z.strictObject({
  tenant: z.string(),
  tenantId: z.guid(),
  asked: z.strictObject({
    residency: z.enum(RESIDENCIES),
    region: z.string().nullable().describe('null where the manifest names a cell'),
  }),
  at: moment,
  outcome: z.enum(OUTCOMES).describe('only `proven` is proof'),
  rows: z.array(
    z.strictObject({
      part: z.enum(PARTS),
      cell: z.string().nullable(),
      what: z.string(),
      asked: z.enum([...RESIDENCIES, ...REGION_NAMES]),
      declared: z.string().nullable().describe('the region that a label of ours says: no proof'),
      region: z.string().nullable().describe('by the word of its holder; null where nobody tells'),
      verdict: z.enum(VERDICTS),
      evidence: z.string().describe('what was read from whom, or why nothing could be'),
    }),
  ),
  limits: z.array(z.string()).describe('what is not looked for'),
});
