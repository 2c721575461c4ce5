import { z } from 'zod';
import { SUBSCRIPTION_STATES } from '../../core/lifecycle.js';
import { moment } from '../view.js';

export const subscriptionsView = z.array(
  z.strictObject({
    clinic: z.string(),
    status: z.enum(SUBSCRIPTION_STATES),
    plan: z.string().nullable(),
    until: moment.nullable(),
    writableUntil: moment.nullable().describe('null for no end, in the past for no longer'),
    readableUntil: moment.nullable(),
  }),
);
