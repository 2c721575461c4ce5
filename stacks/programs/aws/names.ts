import { createHash } from 'node:crypto';
import type { RegionName } from '../../../core/regions.js';

const PREFIX = 'ringfence';

/** Names of what a cell has in AWS. They follow from the cell, so that a second run finds the work of a first one. */
export const awsNames = (cell: string) => ({
  instance: instanceName(cell),
  finalSnapshot: `${PREFIX}-${cell}-final`,
  subnets: `${PREFIX}-${cell}`,
  parameters: `${PREFIX}-${cell}`,
  role: `${PREFIX}-${cell}-data-plane`,
  /** What starts the worker's containers takes this one; the containers take the other. */
  executionRole: `${PREFIX}-${cell}-execution`,
  cluster: `${PREFIX}-${cell}`,
  /** In the cluster. */
  workerService: 'worker',
  workerTask: `${PREFIX}-${cell}-worker`,
  workerLogs: `/ringfence/${cell}/worker`,
  eventRule: (what: string) => `${PREFIX}-${cell}.${what}`,
  /** Where `awsKms` looks for the root of a cell's tenant keys. */
  tenantKey: `alias/${PREFIX}-${cell}`,
  storageKey: `alias/${PREFIX}-${cell}-storage`,
  /** RDS writes a log of an instance there and nowhere else. */
  logGroup: (log: string) => `/aws/rds/instance/${instanceName(cell)}/${log}`,
  /** No name of a cell has a dot, so that a right to all of one cell's is none to those of `<cell>-2`. */
  alarm: (what: string) => `${PREFIX}-${cell}.${what}`,
});

export const instanceName = (cell: string): string => `${PREFIX}-${cell}`;

/** Names of buckets are one space for all accounts, so account and region are in it, in few characters: 63 are the most. */
export const bucketName = (cell: string, account: string, region: string): string =>
  `${PREFIX}-${cell}-${createHash('sha256').update(`${account}/${region}/${cell}`).digest('hex').slice(0, 10)}`;

/** Where the backups of a cell's tenants lie, as RINGFENCE_OBJECTS takes it. */
export const backupsUrl = (cell: string, account: string, region: string): string =>
  `s3://${bucketName(cell, account, region)}/backups`;

/** The partition that begins the ARNs of a region. */
export const partitionOf = (region: RegionName): string =>
  region.startsWith('eusc-') ? 'aws-eusc' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
