import { policyOf } from './key-policy.js';

/** Refuses what is not over TLS 1.2 or newer, and objects under another key than the cell's. */
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
  ]);
};
