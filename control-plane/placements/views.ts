import { z } from 'zod';
import { PLACEMENT_STATES } from '../../core/lifecycle.js';
import { TIERS } from '../../manifest/index.js';

export const placementView = z.strictObject({
  cell: z.string(),
  epoch: z.int().describe('a later placement has a higher one'),
  state: z.enum(PLACEMENT_STATES),
});

/** The cells that have, or had, something of a tenant, by epoch. */
export const placementsView = z.array(placementView.extend({ region: z.string(), tier: z.enum(TIERS) }));
