import { credentialsProblem } from '../../../core/aws-credentials.js';
import { type ErrorCode, RingfenceError } from '../../../core/errors.js';

type Translation = readonly [code: ErrorCode, message: string, fix: string];

const REFUSED: Translation = [
  'permission_denied',
  'S3 refuses access to the bucket',
  'allow s3:GetObject, PutObject, DeleteObject, DeleteObjectVersion, GetObjectRetention and AbortMultipartUpload on its objects, and s3:ListBucket, ListBucketVersions, ListBucketMultipartUploads and GetBucketObjectLockConfiguration on the bucket',
];
const WRONG_REGION: Translation = [
  'object_store_unavailable',
  'the bucket is in another region than the client asks',
  'set AWS_REGION to the region of the bucket',
];
const FULL: Translation = [
  'disk_full',
  'the object store has no space for the object',
  'free space there or raise its quota',
];
const SLOW: Translation = [
  'object_store_unavailable',
  'S3 asks for fewer requests',
  'try again later; nothing was left half-stored',
];
const SILENT: Translation = [
  'object_store_unavailable',
  'S3 does not answer',
  'check the network and AWS_ENDPOINT_URL_S3, and try again',
];

/** The answer of a foreign store that does not know the checksums. */
const NOT_IMPLEMENTED: Translation = [
  'object_store_unavailable',
  'the object store cannot do what was asked (501 NotImplemented): most likely the checksum that comes with each object',
  'set AWS_REQUEST_CHECKSUM_CALCULATION=when_required, or take a store that knows the checksums of S3; `ringfence doctor` tries it',
];

/** An unknown answer: the store's own code says more than a guess. */
const answered = (name: string, status: number): Translation => [
  'object_store_unavailable',
  `the object store answers with ${name || 'an error'} (HTTP ${status})`,
  status >= 500
    ? 'try again later; if it stays, look up this code in the documentation of the store'
    : 'look up this code in the documentation of the store',
];

const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  AccessDenied: REFUSED,
  Forbidden: REFUSED,
  AllAccessDisabled: REFUSED,
  AccountProblem: REFUSED,
  RequestTimeTooSkewed: [
    'permission_denied',
    'S3 refuses requests because the clock of this machine is wrong',
    'set the clock',
  ],
  NoSuchBucket: [
    'object_store_unavailable',
    'there is no such bucket',
    'make the bucket, or correct its name in RINGFENCE_OBJECTS',
  ],
  NotImplemented: NOT_IMPLEMENTED,
  NoSuchKey: ['backup_not_found', 'there is no such object', 'see `ringfence backups list`'],
  InvalidObjectState: [
    'object_store_unavailable',
    'the object was moved to an archive class of S3',
    'restore it there first, and keep lifecycle rules of the bucket from archiving backups',
  ],
  AuthorizationHeaderMalformed: WRONG_REGION,
  IllegalLocationConstraintException: WRONG_REGION,
  PermanentRedirect: WRONG_REGION,
  EntityTooLarge: FULL,
  QuotaExceeded: FULL,
  XMinioStorageFull: FULL,
  SlowDown: SLOW,
  ThrottlingException: SLOW,
  RequestLimitExceeded: SLOW,
  TooManyRequestsException: SLOW,
};

/** Answers without a body, as those of HEAD, have no other name. */
const BY_STATUS: Readonly<Record<number, Translation>> = {
  301: WRONG_REGION,
  403: REFUSED,
  429: SLOW,
  501: NOT_IMPLEMENTED,
  503: SLOW,
  507: FULL,
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

const statusOf = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode;
};

/** True when S3 knows no such object, version or upload; a missing bucket is another matter, but HEAD cannot tell. */
export const isAbsent = (error: unknown): boolean =>
  ['NoSuchKey', 'NoSuchVersion', 'NoSuchUpload', 'NotFound'].includes(nameOf(error));

/** True when a range starts at or after the object's end. */
export const isPastEnd = (error: unknown): boolean => nameOf(error) === 'InvalidRange';

/** True when S3 refuses, also because of an object lock. */
export const isRefused = (error: unknown): boolean => nameOf(error) === 'AccessDenied';

/** True when a bucket is not copied anywhere. */
export const isWithoutReplication = (error: unknown): boolean =>
  nameOf(error) === 'ReplicationConfigurationNotFoundError';

/** True when a bucket was made without object lock. */
export const isWithoutLock = (error: unknown): boolean =>
  nameOf(error) === 'ObjectLockConfigurationNotFoundError';

/**
 * Translates failures of S3; nothing else does. An unknown failure (network, server faults) is object_store_unavailable: a
 * later attempt may succeed. The client has tried several times by then.
 */
export const translateS3Error = (error: unknown): RingfenceError => {
  if (error instanceof RingfenceError) return error;
  const [code, message, fix] = translationOf(error);
  return new RingfenceError(code, message, { fix, cause: error });
};

const translationOf = (error: unknown): Translation => {
  const name = nameOf(error);
  if (name.startsWith('KMS.')) {
    return [
      'permission_denied',
      'S3 may not use the KMS key of the bucket',
      'enable the key, and allow kms:GenerateDataKey and kms:Decrypt on it',
    ];
  }
  if (error instanceof Error && error.message === 'Region is missing') {
    return ['config_invalid', 'the region of the bucket is not known', 'set AWS_REGION'];
  }
  const credentials = credentialsProblem(error);
  if (credentials) return ['permission_denied', credentials.message, credentials.fix];
  const status = statusOf(error);
  return (
    TRANSLATIONS[name] ?? BY_STATUS[status ?? 0] ?? (status === undefined ? SILENT : answered(name, status))
  );
};
