import { z } from 'zod';
import { moment } from '../view.js';
import { MOVE_STATES } from './states.js';
import { moveReportSchema } from './store.js';

/** A move of a tenant between two cells. */
export const moveView = z.object({
  id: z.guid().describe('of the operation that began it'),
  slug: z.string(),
  source: z.string().describe('the cell that it moved from, in the direction of the last switch'),
  destination: z.string(),
  state: z.enum(MOVE_STATES),
  isRollback: z.boolean(),
  windowEndsAt: moment.nullable().describe('until when it can be brought back'),
  report: moveReportSchema,
});
