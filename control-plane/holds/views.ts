import { z } from 'zod';
import { HOLD_KINDS } from '../../core/lifecycle.js';
import { moment } from '../view.js';

/** A hold as it is recorded. */
export const holdView = z.object({
  id: z.guid(),
  kind: z.enum(HOLD_KINDS),
  reason: z.string(),
  placedBy: z.string(),
  placedAt: moment,
  until: moment.nullable().describe('null for one without an end'),
  releasedBy: z.string().nullable(),
  releasedAt: moment.nullable(),
  releaseReason: z.string().nullable(),
});

export const listedHoldsView = z.array(
  holdView.extend({ active: z.boolean().describe('neither released nor over') }),
);
