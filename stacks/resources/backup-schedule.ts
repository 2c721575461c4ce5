import { z } from 'zod';
import { backupScheduleSchema, type Target } from '../protocol/provider/dependencies.js';
import { defineResource, goesWithTenant, type ServedResource } from '../protocol/provider/resource.js';
import { declareResource } from './declare.js';

const inputs = backupScheduleSchema.extend({ tenantId: z.guid() });
type Inputs = z.infer<typeof inputs>;

export const BackupSchedule = declareResource('ringfence:index:BackupSchedule', inputs);

/** `ringfence:index:BackupSchedule`: when the tenant is backed up, in the control database. */
export const backupSchedule = (target: Pick<Target, 'schedules' | 'reached'>): ServedResource => {
  const put = async ({ tenantId, ...schedule }: Inputs) => {
    await target.schedules.put(tenantId, schedule);
    target.reached('backup-scheduled');
    return {};
  };
  return defineResource<Inputs>({
    inputs,
    identity: ['tenantId'],
    id: ({ tenantId }) => `backup-schedule/${tenantId}`,
    create: put,
    update: put,
    read: async ({ tenantId }) => {
      const found = await target.schedules.get(tenantId);
      return found && { ...found };
    },
    // The schedule goes only with its tenant: without it nobody would back the tenant up.
    remove: async ({ tenantId }) => {
      if (await target.schedules.get(tenantId)) throw goesWithTenant('the backup schedule', tenantId);
    },
  });
};
