import { z } from 'zod';
import { PLACEMENT_STATES } from '../../core/lifecycle.js';
import { TIERS } from '../../manifest/index.js';

/** The present and former placements of a tenant, by epoch. */
export const placementsView = z.array(
  z.strictObject({
    cell: z.string(),
    epoch: z.int().describe('a later placement has a higher one'),
    state: z.enum(PLACEMENT_STATES),
    region: z.string(),
    tier: z.enum(TIERS),
  }),
);
