import type { S3Client } from '@aws-sdk/client-s3';
import { RingfenceError } from '../../../core/errors.js';
import { ERASURE_PROMISE_DAYS } from '../../../data-plane/erasure/promise.js';
import { isWithoutLock } from './errors.js';
import type { S3Place } from './place.js';

const DAYS_PER_YEAR = 365;

/**
 * Checks the bucket's object lock. Locks of this project need one, and the bucket's own default may not outlast the erasure
 * promise (docs/threats.md 31).
 *
 * @throws RingfenceError config_invalid
 */
export const assertLockSettings = async (client: S3Client, { bucket, lockDays }: S3Place): Promise<void> => {
  const { hasLock, defaultDays } = await readLock(client, bucket);
  if (lockDays !== undefined && !hasLock) {
    throw new RingfenceError(
      'config_invalid',
      `the bucket ${bucket} has no object lock, but lockDays is set`,
      {
        fix: 'take a bucket with object lock, or leave lockDays out of RINGFENCE_OBJECTS',
      },
    );
  }
  if (defaultDays <= ERASURE_PROMISE_DAYS) return;
  throw new RingfenceError(
    'config_invalid',
    `the bucket ${bucket} locks objects for ${defaultDays} days, and erasure is promised within ${ERASURE_PROMISE_DAYS}`,
    { fix: `lower the default retention of the bucket to ${ERASURE_PROMISE_DAYS} days or less` },
  );
};

const readLock = async (
  client: S3Client,
  bucket: string,
): Promise<{ readonly hasLock: boolean; readonly defaultDays: number }> => {
  const { GetObjectLockConfigurationCommand } = await import('@aws-sdk/client-s3');
  try {
    const answer = await client.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }));
    const settings = answer.ObjectLockConfiguration;
    const { Days: days = 0, Years: years = 0 } = settings?.Rule?.DefaultRetention ?? {};
    return {
      hasLock: settings?.ObjectLockEnabled === 'Enabled',
      defaultDays: days + years * DAYS_PER_YEAR,
    };
  } catch (error) {
    if (isWithoutLock(error)) return { hasLock: false, defaultDays: 0 };
    throw error;
  }
};
