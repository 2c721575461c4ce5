import { ERASURE_PROMISE_DAYS } from '../../../data-plane/erasure/promise.js';
import { policyOf } from './key-policy.js';

/** Refuses what is not over TLS 1.2 or newer, objects under another key than the cell's, and locks beyond the erasure promise. */
export const bucketPolicy = (bucketArn: string, keyArn: string): string => {
  const refused = { Effect: 'Deny', Principal: '*', Resource: [bucketArn, `${bucketArn}/*`] };
  return policyOf([
    {
      ...refused,
      Sid: 'OnlyOverTls',
      Action: 's3:*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    {
      ...refused,
      Sid: 'OnlyOverNewTls',
      Action: 's3:*',
      Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } },
    },
    {
      ...refused,
      Sid: 'OnlyUnderKeyOfCell',
      Action: 's3:PutObject',
      Condition: {
        StringNotEqualsIfExists: { 's3:x-amz-server-side-encryption-aws-kms-key-id': keyArn },
        Null: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'false' },
      },
    },
    {
      ...refused,
      Sid: 'LockedWithinErasurePromise',
      Action: ['s3:PutObject', 's3:PutObjectRetention'],
      Condition: {
        NumericGreaterThan: { 's3:object-lock-remaining-retention-days': String(ERASURE_PROMISE_DAYS) },
      },
    },
  ]);
};
