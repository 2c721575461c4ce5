import type { ErrorCode } from '../../../core/errors.js';

interface StateProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
}

/** The engine's own calls: gocloud.dev says `blob`, and nothing else seals or opens in AWS KMS. A plugin's calls look otherwise. */
const OF_BUCKET = /\bblob \(.*operation error S3: |\bcould not list bucket\b/;
const OF_KEY = /operation error KMS: (?:Encrypt|Decrypt)\b/;
const SILENT = /request send failed|exceeded maximum number of attempts|StatusCode: 5\d\d/;
const REFUSED =
  /AccessDenied|StatusCode: 403|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|failed to (?:refresh cached|retrieve) credentials|get credentials/;

/** What the engine says where a state in S3, or the key that seals it, cannot be used; undefined for anything else. */
export const stateProblem = (text: string): StateProblem | undefined => {
  const line = text.split('\n').find((said) => OF_KEY.test(said) || OF_BUCKET.test(said));
  if (line === undefined) return undefined;
  return OF_KEY.test(line) ? keyProblem(line) : bucketProblem(line);
};

const keyProblem = (line: string): StateProblem => {
  if (/DisabledException|KMSInvalidState/.test(line))
    return {
      code: 'key_access_denied',
      message: 'the key that seals the state is disabled, or its deletion is pending',
      fix: 'aws kms cancel-key-deletion where one is pending, then aws kms enable-key; without the key nothing opens the secrets in the state',
    };
  if (/NotFoundException/.test(line))
    return {
      code: 'key_not_found',
      message: 'the key that seals the state is not there',
      fix: 'check the account of the credentials; a deleted key cannot be made again: docs/aws.md, "State in S3"',
    };
  if (REFUSED.test(line))
    return {
      code: 'key_access_denied',
      message: 'AWS KMS refuses the key that seals the state',
      fix: 'sign in to AWS, and allow kms:Encrypt, kms:Decrypt and kms:DescribeKey on it: docs/aws.md, "State in S3"',
    };
  return {
    code: 'kms_unavailable',
    message: 'AWS KMS does not answer for the key that seals the state',
    fix: 'check the network and AWS_ENDPOINT_URL, and run the command again: it goes on where it was',
  };
};

const bucketProblem = (line: string): StateProblem => {
  if (/NoSuchBucket/.test(line))
    return {
      code: 'object_store_unavailable',
      message: 'the bucket of the state is not there',
      fix: 'make it again; without the earlier state, what is there is taken over: docs/operations.md, "The state or the passphrase is lost"',
    };
  if (REFUSED.test(line) && !SILENT.test(line))
    return {
      code: 'permission_denied',
      message: 'S3 refuses access to the state',
      fix: 'sign in to AWS, and allow s3:GetObject, PutObject and DeleteObject on its objects, and s3:ListBucket on the bucket: docs/aws.md, "State in S3"',
    };
  return {
    code: 'object_store_unavailable',
    message: 'S3 does not answer for the state',
    fix: 'check the network and AWS_ENDPOINT_URL_S3, and run the command again: it goes on where it was',
  };
};
