import { declare, type Scenario } from '../program.js';

const KEPT = { protect: true };

export const scenario: Scenario = {
  program: () => {
    const kept = {
      deletionProtection: true,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: 'last',
      deleteAutomatedBackups: false,
    };
    declare('aws:rds/instance:Instance', 'server', kept, KEPT);
    declare('aws:kms/key:Key', 'key', { deletionWindowInDays: 30 }, KEPT);
    declare('aws:s3/bucket:Bucket', 'objects', {}, KEPT);
    declare('ringfence:index:LocalServer', 'local', { cell: 'shared' }, KEPT);
  },
};
