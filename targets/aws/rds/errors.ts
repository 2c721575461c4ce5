import { credentialsProblem } from '../../../core/aws-credentials.js';
import { type ErrorCode, RingfenceError } from '../../../core/errors.js';

type Translation = readonly [code: ErrorCode, message: string, fix: string];

const REFUSED: Translation = [
  'permission_denied',
  'AWS refuses the request of this role',
  'allow what docs/backups.md, "A point in time", names: rds:DescribeDBInstances, rds:RestoreDBInstanceToPointInTime, secretsmanager:GetSecretValue, ...',
];
const NO_ROOM: Translation = [
  'rds_unavailable',
  'the account has no room for one more instance',
  'raise the quota of RDS in this region, or remove instances that nobody needs; the cell was not touched',
];
const SETTING: Translation = [
  'config_invalid',
  'RDS cannot make an instance with the settings of this one',
  'look at its subnet group, security groups, parameter group and encryption key: one of them is gone or not usable',
];
const SLOW: Translation = [
  'rds_unavailable',
  'AWS asks for fewer requests',
  'try again later; the cell was not touched',
];
const SILENT: Translation = [
  'rds_unavailable',
  'AWS does not answer',
  'check the network, AWS_REGION and AWS_ENDPOINT_URL, and try again; the cell was not touched',
];

/** Names with and without `Fault`, `Exception` and `Failure`, which differ by service and protocol. */
const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  AccessDenied: REFUSED,
  UnauthorizedOperation: REFUSED,
  KMSKeyNotAccessible: [
    'permission_denied',
    'RDS may not use the key that the storage is encrypted with',
    'enable the key, and allow this role kms:DescribeKey and kms:CreateGrant on it',
  ],
  Decryption: [
    'permission_denied',
    'Secrets Manager may not decrypt the password of the master user',
    'allow this role kms:Decrypt on the key of the secret',
  ],
  DBInstanceNotFound: [
    'cell_not_found',
    'RDS has no such instance in this account and region',
    'check the identifier, the region and the account of the credentials',
  ],
  ResourceNotFound: [
    'config_invalid',
    'the secret with the password of the master user is not there',
    'let RDS manage the password of the instance again: aws rds modify-db-instance --manage-master-user-password',
  ],
  PointInTimeRestoreNotEnabled: [
    'config_invalid',
    'the instance keeps no backups of its own, so there is no point in time',
    'set its backup retention period to at least a day',
  ],
  InvalidDBInstanceState: [
    'rds_unavailable',
    'RDS is busy with the instance',
    'try again when its status is `available`; the cell was not touched',
  ],
  InstanceQuotaExceeded: NO_ROOM,
  StorageQuotaExceeded: NO_ROOM,
  InsufficientDBInstanceCapacity: NO_ROOM,
  DBParameterGroupNotFound: SETTING,
  DBSubnetGroupNotFound: SETTING,
  InvalidParameterCombination: SETTING,
  InvalidParameterValue: SETTING,
  InvalidRestore: SETTING,
  InvalidVPCNetworkState: SETTING,
  Throttling: SLOW,
  RequestLimitExceeded: SLOW,
  TooManyRequests: SLOW,
};

const nameOf = (error: unknown): string =>
  error instanceof Error ? error.name.replace(/(?:Fault|Exception|Failure)$/, '') : '';

/** True when RDS has no instance of that name. */
export const isAbsent = (error: unknown): boolean => nameOf(error) === 'DBInstanceNotFound';

/** True when RDS is at work on the instance, so that it takes the request later. */
export const isBusy = (error: unknown): boolean => nameOf(error) === 'InvalidDBInstanceState';

/**
 * Translates failures of RDS and Secrets Manager; nothing else does. An unknown failure (network, server faults) is
 * rds_unavailable: a later attempt may succeed. The client has tried several times by then.
 */
export const translateRdsError = (error: unknown): RingfenceError => {
  if (error instanceof RingfenceError) return error;
  const credentials = credentialsProblem(error);
  if (credentials)
    return new RingfenceError('permission_denied', credentials.message, {
      fix: credentials.fix,
      cause: error,
    });
  const [code, message, fix] = TRANSLATIONS[nameOf(error)] ?? SILENT;
  return new RingfenceError(code, message, { fix, cause: error });
};
