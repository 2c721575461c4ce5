import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import { ERASURE_PROMISE_DAYS } from '../../../data-plane/erasure/promise.js';
import { readBucketUrl } from './bucket-url.js';

/** Bucket, prefix and options of the objects in S3. */
export interface S3Place {
  readonly bucket: string;
  /** Without slashes at its ends; '' for the whole bucket. */
  readonly prefix: string;
  /** Days for which a backup cannot be deleted by anyone (object lock, mode COMPLIANCE). */
  readonly lockDays?: number;
  /** Id, ARN or alias of the KMS key that S3 encrypts with; the bucket's default without it. */
  readonly kmsKeyId?: string;
}

const options = z.strictObject({
  lockDays: z
    .string()
    .regex(/^[1-9][0-9]{0,4}$/, 'is a whole number of days')
    .transform(Number)
    .refine(
      (days) => days <= ERASURE_PROMISE_DAYS,
      `is at most ${ERASURE_PROMISE_DAYS}: what is locked longer cannot be erased when a person or a tenant asks for it`,
    )
    .optional(),
  kmsKeyId: z.string().min(1).max(2048).optional(),
});

/**
 * Reads `s3://<bucket>[/<prefix>][?lockDays=<n>&kmsKeyId=<key>]`.
 *
 * @throws RingfenceError config_invalid, with every problem
 */
export const parseS3Place = (text: string): S3Place => {
  const url = readBucketUrl(text);
  if (url === undefined) throw invalid([`${JSON.stringify(text)} is not of the form s3://<bucket>/<prefix>`]);
  const { bucket, prefix } = url;
  const problems = [...url.problems];
  const parsed = options.safeParse(url.options);
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()));
  }
  if (!parsed.success || problems.length > 0) throw invalid(problems);
  const { lockDays, kmsKeyId } = parsed.data;
  return {
    bucket,
    prefix,
    ...(lockDays === undefined ? {} : { lockDays }),
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
  };
};

const invalid = (problems: readonly string[]): RingfenceError =>
  new RingfenceError('config_invalid', `RINGFENCE_OBJECTS: ${problems.join('; ')}`, {
    fix: 'set it to s3://<bucket>/<prefix>, with ?lockDays=<n> and &kmsKeyId=<key> where wanted; without it backups lie in the project',
  });
