import { credentialsProblem } from '../../core/aws-credentials.js';
import { type ErrorCode, RingfenceError } from '../../core/errors.js';

const TRANSLATIONS: Readonly<Record<string, readonly [code: ErrorCode, message: string, fix: string]>> = {
  AccessDeniedException: [
    'key_access_denied',
    'AWS KMS refuses access to the root key',
    'grant kms:Encrypt, kms:Decrypt and kms:DescribeKey on the key to this role, in the key policy or by IAM',
  ],
  DisabledException: [
    'key_access_denied',
    'the root key is disabled in AWS KMS',
    'enable the key: aws kms enable-key --key-id <id>',
  ],
  KMSInvalidStateException: [
    'key_access_denied',
    'the root key in AWS KMS is pending deletion or otherwise not usable',
    'cancel the deletion and enable the key: aws kms cancel-key-deletion, then aws kms enable-key',
  ],
  NotFoundException: [
    'key_not_found',
    'the root key is not in this account and region of AWS KMS',
    'check the account and the region of the credentials; a deleted key cannot be made again',
  ],
  InvalidCiphertextException: [
    'envelope_refused',
    'the wrapped key was altered or belongs to another tenant or version',
    'restore the tenant key from a backup of the control database',
  ],
  IncorrectKeyException: [
    'envelope_refused',
    'the wrapped key belongs to another root key',
    'restore the tenant key from a backup of the control database',
  ],
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** True when AWS does not take our credentials, whatever key is asked for. */
export const isRefusedCredentials = (error: unknown): boolean => credentialsProblem(error) !== undefined;

/** True when KMS says that the name is taken, by a run at the same time. */
export const isAlreadyThere = (error: unknown): boolean => nameOf(error) === 'AlreadyExistsException';

/** True when KMS knows no such key or alias. */
export const isNotThere = (error: unknown): boolean => nameOf(error) === 'NotFoundException';

/**
 * Translates failures of AWS KMS; nothing else does. An unknown failure (network, throttling, server faults) is
 * kms_unavailable: keys stay closed, and a later attempt may succeed.
 */
export const translateKmsError = (error: unknown): RingfenceError => {
  if (error instanceof RingfenceError) return error;
  const name = nameOf(error);
  const credentials = credentialsProblem(error);
  if (credentials) {
    const { message, fix } = credentials;
    return new RingfenceError('key_access_denied', message, { fix, cause: error });
  }
  const [code, message, fix] = TRANSLATIONS[name] ?? [
    'kms_unavailable',
    'AWS KMS does not answer',
    'try again; keys that are open already keep working until their time to live ends',
  ];
  return new RingfenceError(code, message, { fix, cause: error });
};
