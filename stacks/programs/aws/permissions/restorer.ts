import type { Permission } from './permission.js';

const RESTORE = ['rds:RestoreDBInstanceToPointInTime'];

/**
 * What a restore to a moment calls beside the worker's: it makes an instance of a name of its own and deletes it. The worker has none
 * of it, so that it deletes no instance; a person gets it for the time of a restore.
 */
export const RESTORER: readonly Permission[] = [
  { action: 'rds:RestoreDBInstanceToPointInTime', on: 'database', calls: RESTORE },
  { action: 'rds:RestoreDBInstanceToPointInTime', on: 'copy', calls: RESTORE },
  { action: 'rds:RestoreDBInstanceToPointInTime', on: 'databaseParts', calls: RESTORE },
  { action: 'rds:AddTagsToResource', on: 'copy', calls: RESTORE },
  { action: 'rds:DescribeDBInstances', on: 'copy', calls: ['rds:DescribeDBInstances'] },
  { action: 'rds:ModifyDBInstance', on: 'copy', calls: ['rds:ModifyDBInstance'] },
  { action: 'rds:DeleteDBInstance', on: 'copy', calls: ['rds:DeleteDBInstance'] },
];
