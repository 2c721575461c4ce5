import { declare, type Scenario } from '../program.js';

export const scenario: Scenario = {
  program: () => {
    declare('ringfence:index:BackupSchedule', 'schedule', {
      retentionDays: 7,
      retentionWeeks: 8,
      retentionMonths: 12,
    });
    declare('aws:rds/instance:Instance', 'server', { backupRetentionPeriod: 0 });
    declare('aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration', 'expiry', {
      rules: [{ status: 'Enabled', expiration: { days: 30 } }],
    });
  },
  violations: [
    'schedule: keeps backups for less than the manifest says: retentionDays is 7',
    'server: takes no automated backups',
    'expiry: keeps backups for less than the manifest says: expiration.days is 30',
  ],
};
