import { z } from 'zod';
import { TIERS } from '../../manifest/index.js';
import { moment } from '../view.js';
import { registeredState } from './enter-state.js';

/** A tenant as it is registered. */
export const tenantView = z.object({
  id: z.guid(),
  slug: z.string(),
  cell: z.string(),
  tier: z.enum(TIERS),
  state: registeredState,
  legalName: z.string(),
  plan: z.string(),
  deployment: z.int().nullable().describe('number of the last deployment that came to its end'),
  deployedAt: moment.nullable(),
  wasSuspended: z.boolean().describe('of one that is removed, or is being removed: it was suspended before'),
  finalBackup: z.guid().nullable().describe('the backup that brings a removed one back'),
  removedAt: moment.nullable(),
  clinicIds: z.record(z.string(), z.guid()).describe('by slug'),
  maintenanceWindow: z
    .strictObject({
      weekday: z.string(),
      start: z.string(),
      durationMinutes: z.int(),
      timeZone: z.string(),
    })
    .nullable(),
});
