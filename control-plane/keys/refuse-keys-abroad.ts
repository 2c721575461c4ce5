import { regionOfArn } from '../../core/arn.js';
import { RingfenceError } from '../../core/errors.js';
import { isRegionName, type Residency, residencyProblem } from '../../core/regions.js';
import { orUnknown, type Whereabouts } from '../../core/whereabouts.js';
import { awsKmsRegions } from '../../data-plane/keys/aws-kms-regions.js';
import type { Tenant } from '../../manifest/index.js';
import type { Runtime } from '../runtime.js';

/** Keys of many regions have such an id; every other key of AWS KMS is in the one region of its ARN. */
const OF_MANY_REGIONS = /:key\/mrk-/;

/**
 * Refuses keys that are, or have a copy, outside a tenant's residency: the roots of its cells and the key that its customer holds.
 * @throws RingfenceError `residency_violated`; `residency_unproven` for a key of many regions whose copies nobody tells.
 */
export const refuseKeysAbroad = async (
  { target }: Runtime,
  { residency, keys }: Pick<Tenant, 'residency' | 'keys'>,
  cells: readonly string[],
): Promise<void> => {
  const inKms = (await Promise.all(cells.map((cell) => target.rootKeyId(cell)))).filter((id) =>
    id.startsWith('arn:'),
  );
  const all = keys.customerKey === undefined ? inKms : [...inKms, keys.customerKey];
  for (const id of new Set(all)) await refuseAbroad(id, residency);
};

const refuseAbroad = async (id: string, residency: Residency): Promise<void> => {
  if (residency === 'any') return;
  if (!OF_MANY_REGIONS.test(id)) {
    refuseRegion(id, regionOfArn(id), residency);
    return;
  }
  const places = await orUnknown(`key ${id}`, () => awsKmsRegions().anywhere.whereabouts(id));
  for (const place of places) {
    if (place.answer !== 'region') throw unproven(id, place);
    refuseRegion(id, place.region, residency);
  }
};

const refuseRegion = (id: string, region: string | undefined, residency: Residency): void => {
  const problem = isRegionName(region)
    ? residencyProblem(region, residency)
    : `${region} is not a known region`;
  if (problem === undefined) return;
  throw new RingfenceError(
    'residency_violated',
    `the key ${id} is, or has a copy, outside the residency: ${problem}`,
    {
      fix: 'take a key of one region, or delete its replicas there (aws kms schedule-key-deletion --region ...)',
    },
  );
};

const unproven = (id: string, { evidence }: Whereabouts): RingfenceError =>
  new RingfenceError(
    'residency_unproven',
    `the key ${id} is one of many regions, and nobody tells where its copies are: ${evidence}`,
    { fix: 'let us look (kms:DescribeKey in its policy or grant), or take a key of one region' },
  );
