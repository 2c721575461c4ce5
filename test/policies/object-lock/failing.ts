import { declare, type Scenario } from '../program.js';

export const scenario: Scenario = {
  program: () => {
    declare('aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration', 'lock', {
      rule: { defaultRetention: { mode: 'COMPLIANCE', years: 1 } },
    });
    declare('aws:backup/vaultLockConfiguration:VaultLockConfiguration', 'vault', { minRetentionDays: 29 });
  },
  violations: [
    'lock: locks objects for 366 days, and an erasure is promised within 28',
    'vault: locks objects for 29 days, and an erasure is promised within 28',
  ],
};
