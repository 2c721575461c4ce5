import { RingfenceError } from '../../../core/errors.js';
import { isAbsent, translateS3Error } from '../s3/errors.js';
import { placeName, type StatePlace } from './place.js';

/** Translates failures of S3 at the place of the state. The message names the place; what to do is for the state, not for backups. */
export const translateStateError = (error: unknown, place: StatePlace): RingfenceError => {
  if (error instanceof RingfenceError) return error;
  const name = error instanceof Error ? error.name : '';
  const { bucket, region } = place;
  if (name === 'NoSuchBucket' || isAbsent(error))
    return new RingfenceError('object_store_unavailable', `there is no bucket ${bucket} for the state`, {
      fix: `make it: aws s3api create-bucket --bucket ${bucket} --region ${region} --create-bucket-configuration LocationConstraint=${region}; or correct RINGFENCE_STATE`,
      cause: error,
    });
  if (isElsewhere(error))
    return new RingfenceError('config_invalid', `the bucket ${bucket} of the state is not in ${region}`, {
      fix: 'write the region of the bucket as region= in RINGFENCE_STATE; it has to be one of the EU',
      cause: error,
    });
  const { code, message, fix = '' } = translateS3Error(error);
  return new RingfenceError(code, `the state in ${placeName(place)}: ${message}`, {
    fix:
      code === 'permission_denied' && message.startsWith('S3 refuses')
        ? 'allow s3:GetObject, PutObject and DeleteObject on its objects, and s3:ListBucket on the bucket: docs/aws.md, "State in S3"'
        : fix,
    cause: error,
  });
};

const isElsewhere = (error: unknown): boolean =>
  error instanceof Error &&
  (/^(?:AuthorizationHeaderMalformed|IllegalLocationConstraintException|PermanentRedirect)$/.test(
    error.name,
  ) ||
    ('$metadata' in error && (error.$metadata as { httpStatusCode?: number }).httpStatusCode === 301));
