import { declare, type Scenario } from '../program.js';

const KEPT = { protect: true };

export const scenario: Scenario = {
  program: () => {
    declare(
      'aws:rds/instance:Instance',
      'server',
      { skipFinalSnapshot: true, deleteAutomatedBackups: false },
      KEPT,
    );
    declare('aws:kms/key:Key', 'key', { deletionWindowInDays: 7 }, KEPT);
    declare('aws:s3/bucket:Bucket', 'objects', { forceDestroy: true }, KEPT);
    declare('aws:secretsmanager/secret:Secret', 'login', { recoveryWindowInDays: 0 }, KEPT);
    declare('ringfence:index:LocalServer', 'local', { cell: 'shared' });
  },
  violations: [
    'server: has no deletion protection; would be deleted without a final snapshot; has no name for its final snapshot',
    'key: would be gone in less than 30 days',
    'objects: would be deleted with all its objects',
    'login: would be gone at once',
    'local: may be deleted by the engine',
  ],
};
