import { describe, expect, it } from 'vitest';
import { backendUrl, secretsUrl } from '../../../../targets/aws/state/engine-urls.js';
import { formatStatePlace, parseStatePlace } from '../../../../targets/aws/state/place.js';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1c9f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6';
const PLACE = `s3://clinic-state/ringfence/one?region=eu-central-1&kmsKeyId=${KEY}`;

describe('the place of a state in S3', () => {
  it('has bucket, prefix, region and key, and one form', () => {
    const place = parseStatePlace(PLACE);
    expect(place).toEqual({
      bucket: 'clinic-state',
      prefix: 'ringfence/one',
      region: 'eu-central-1',
      key: { arn: KEY, region: 'eu-west-1', account: '111122223333' },
    });
    expect(formatStatePlace(place)).toBe(PLACE);
    expect(
      formatStatePlace(
        parseStatePlace(`s3://clinic-state/ringfence/one/?kmsKeyId=${KEY}&region=eu-central-1`),
      ),
    ).toBe(PLACE);
  });

  it('is given to the engine with its region, and by path at another endpoint than AWS', () => {
    const place = parseStatePlace(PLACE);
    expect(backendUrl(place, {})).toBe('s3://clinic-state/ringfence/one?region=eu-central-1&awssdk=v2');
    expect(backendUrl(place, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })).toMatch(/&use_path_style=true$/);
    expect(secretsUrl(place)).toBe(
      `awskms:///${KEY}?region=eu-west-1&awssdk=v2&context_purpose=ringfence-state`,
    );
  });

  it.each([
    ['clinic-state', /is not of the form s3:/],
    ['s3://clinic-state', /region is missing.*kmsKeyId is missing/],
    [`s3://Clinic_State?region=eu-central-1&kmsKeyId=${KEY}`, /Clinic_State is not the name of a bucket/i],
    [`s3://clinic-state?region=eu-west-2&kmsKeyId=${KEY}`, /region: eu-west-2 is London/],
    [`s3://clinic-state?region=moon-1&kmsKeyId=${KEY}`, /region: moon-1 is no region/],
    [
      `s3://clinic-state?region=eu-central-1&kmsKeyId=${KEY.replace('eu-west-1', 'us-east-1')}`,
      /the region of kmsKeyId: us-east-1 is Northern Virginia/,
    ],
    ['s3://clinic-state?region=eu-central-1&kmsKeyId=alias/state', /alias\/state is an alias/],
    [
      's3://clinic-state?region=eu-central-1&kmsKeyId=arn:aws:kms:eu-west-1:111122223333:alias/state',
      /is an alias/,
    ],
    ['s3://clinic-state?region=eu-central-1&kmsKeyId=1c9f2a34', /1c9f2a34 is not the ARN of a key/],
    [`s3://clinic-state?region=eu-central-1&kmsKeyId=${KEY}&lockDays=3`, /Unrecognized key: "lockDays"/],
  ])('is refused: %s', (text, message) => {
    expect(() => parseStatePlace(text)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(message) }),
    );
  });
});
