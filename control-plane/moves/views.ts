import { z } from 'zod';
import { TIERS } from '../../manifest/index.js';
import { operationStepsView } from '../operation/views.js';
import { moment } from '../view.js';
import { MOVE_STATES } from './states.js';
import { moveReportSchema } from './store.js';

/** What a move would do and cost, as it was tried against a cell that is thrown away. */
export const moveRehearsalView = z.strictObject({
  slug: z.string(),
  source: z.string(),
  destination: z.strictObject({ name: z.string(), tier: z.enum(TIERS), region: z.string() }),
  rows: z.int(),
  bytes: z.int(),
  copyMs: z.number(),
  compareMs: z.number(),
  pauseMs: z.number().describe('how long the tenant’s requests waited'),
  drainMs: z.number(),
  arriveMs: z.number(),
  leftOut: z
    .array(z.string())
    .describe('tables of the application that an empty cell has not; the destination needs them'),
});

/** A cell that is emptied. */
export const drainedCellView = z.array(
  z.strictObject({
    slug: z.string(),
    cell: z.string().describe('its home now'),
    error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  }),
);

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

/** A command moves, or rehearses. */
export const movedOrRehearsedView = z.union([moveView, moveRehearsalView]);

export const operationWithMoveView = operationStepsView.extend({
  move: moveView.omit({ slug: true }).nullable().describe('of a move: where it stands'),
});
