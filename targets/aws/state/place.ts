import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import { isRegionName, type RegionName, residencyProblem } from '../../../core/regions.js';
import { readBucketUrl } from '../s3/bucket-url.js';

/** A bucket in the EU for the engine's state, and the key that seals its secrets. */
export interface StatePlace {
  readonly bucket: string;
  /** Without slashes at its ends; '' for the whole bucket. */
  readonly prefix: string;
  readonly region: RegionName;
  readonly key: StateKey;
}

/** A symmetric key of AWS KMS in the EU. */
interface StateKey {
  readonly arn: string;
  readonly region: RegionName;
  readonly account: string;
}

/** An alias may point at another key tomorrow, which opens nothing of what this one has sealed. */
const KEY = /^arn:aws(?:-[a-z]+)*:kms:([a-z0-9-]+):([0-9]{12}):key\/[0-9A-Za-z-]+$/;
const FORM = 's3://<bucket>/<prefix>?region=<region>&kmsKeyId=<ARN of a key>';

const options = z.strictObject({
  region: z.string({ error: 'is missing: name the region of the bucket' }),
  kmsKeyId: z.string({ error: 'is missing: name the key of AWS KMS that seals the secrets in the state' }),
});

/**
 * Reads `s3://<bucket>[/<prefix>]?region=<region>&kmsKeyId=<ARN>`.
 *
 * @throws RingfenceError config_invalid, with every problem
 */
export const parseStatePlace = (text: string): StatePlace => {
  const url = readBucketUrl(text);
  if (url === undefined) throw invalid([`${JSON.stringify(text)} is not of the form ${FORM}`]);
  const parsed = options.safeParse(url.options);
  const problems = [
    ...url.problems,
    ...(parsed.error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()) ?? []),
  ];
  const { region = '', kmsKeyId = '' } = url.options;
  if (region !== '') problems.push(...outsideEu('region', region));
  const [, keyRegion = '', account = ''] = KEY.exec(kmsKeyId) ?? [];
  if (keyRegion !== '') problems.push(...outsideEu('the region of kmsKeyId', keyRegion));
  else if (kmsKeyId !== '') problems.push(notAKey(kmsKeyId));
  if (problems.length > 0 || !isRegionName(region) || !isRegionName(keyRegion)) throw invalid(problems);
  const { bucket, prefix } = url;
  return { bucket, prefix, region, key: { arn: kmsKeyId, region: keyRegion, account } };
};

/** The place as `parseStatePlace` reads it. Two texts of one place have one form. */
export const formatStatePlace = ({ region, key, ...place }: StatePlace): string =>
  `${placeName(place)}?region=${region}&kmsKeyId=${key.arn}`;

/** `s3://<bucket>/<prefix>` */
export const placeName = ({ bucket, prefix }: Pick<StatePlace, 'bucket' | 'prefix'>): string =>
  `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;

/** The state names every tenant, so it keeps the strictest promise that a tenant of the EU has. */
const outsideEu = (what: string, region: string): string[] => {
  if (!isRegionName(region)) return [`${what}: ${region} is no region that Ringfence knows`];
  const problem = residencyProblem(region, 'eu');
  return problem === undefined ? [] : [`${what}: ${problem}`];
};

const notAKey = (text: string): string =>
  text.includes('alias/')
    ? `kmsKeyId ${text} is an alias, which may point at another key tomorrow: name the ARN of the key itself (aws kms describe-key --key-id ${text})`
    : `kmsKeyId ${text} is not the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>)`;

const invalid = (problems: readonly string[]): RingfenceError =>
  new RingfenceError('config_invalid', `the place of the state: ${problems.join('; ')}`, {
    fix: `give the place as ${FORM}, in RINGFENCE_STATE or to "ringfence state move", which takes "folder" too`,
  });
