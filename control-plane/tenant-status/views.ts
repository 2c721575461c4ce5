import { z } from 'zod';
import { enrolledClinicSchema } from '../../data-plane/enrolment/enrolment.js';
import { backupScheduleSchema } from '../../stacks/protocol/provider/dependencies.js';
import { backupView } from '../backups/views.js';
import { placementView } from '../placements/views.js';
import { connectionView } from '../provisioning/views.js';
import { quotasView } from '../quotas/views.js';
import { tenantView } from '../tenants/views.js';
import { moment } from '../view.js';

const listedTenantView = tenantView
  .pick({
    id: true,
    slug: true,
    cell: true,
    tier: true,
    state: true,
    legalName: true,
    plan: true,
    deployedAt: true,
  })
  .extend({
    clinics: z.int(),
    lastVerifiedBackupAt: moment.nullable(),
    cellState: z
      .enum(['running', 'stopped', 'absent', 'unreachable', 'lost', 'not deployed'])
      .describe('a tenant is up when its cell is running'),
  });

const removedTenantView = tenantView
  .pick({ id: true, slug: true, cell: true, legalName: true, removedAt: true })
  .extend({
    finalBackup: backupView.nullable().describe('what brings it back; null for one that had no row'),
    backups: z.int(),
  });

/** Those that are registered; with --removed those that were removed. */
export const listedTenantsView = z.union([z.array(listedTenantView), z.array(removedTenantView)]);

export const tenantStatusView = tenantView.extend({
  nextMaintenance: z
    .strictObject({ from: moment, until: moment })
    .nullable()
    .describe('null where it may be at any time'),
  region: z.string(),
  placements: z.array(placementView),
  connection: connectionView,
  clinics: z.array(enrolledClinicSchema),
  quotas: quotasView.nullable(),
  keyVersion: z.int(),
  backupSchedule: backupScheduleSchema.nullish(),
  backups: z.array(backupView).describe('the newest ten'),
});
