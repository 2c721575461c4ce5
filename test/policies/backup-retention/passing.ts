import { declare, type Scenario } from '../program.js';

const KEPT = { retentionDays: 14, retentionWeeks: 8, retentionMonths: 12 };

export const scenario: Scenario = {
  program: () => {
    declare('ringfence:index:BackupSchedule', 'schedule', KEPT);
    declare('aws:rds/instance:Instance', 'server', { backupRetentionPeriod: 7 });
    declare('aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration', 'expiry', {
      rules: [{ status: 'Enabled', expiration: { days: 400 } }],
    });
  },
};
