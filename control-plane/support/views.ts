import { z } from 'zod';
import { moment } from '../view.js';

/** A grant as it is recorded in the cell. */
export const supportGrantView = z.object({
  id: z.guid(),
  userId: z.guid(),
  reason: z.string(),
  grantedBy: z.string(),
  grantedAt: moment,
  expiresAt: moment,
  revokedAt: moment.nullable(),
});
