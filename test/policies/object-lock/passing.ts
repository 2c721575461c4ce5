import { declare, type Scenario } from '../program.js';

export const scenario: Scenario = {
  program: () => {
    declare('aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration', 'lock', {
      rule: { defaultRetention: { mode: 'COMPLIANCE', days: 28 } },
    });
  },
};
