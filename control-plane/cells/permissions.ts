import type { AwsRole } from '../../core/aws-roles.js';
import { RingfenceError } from '../../core/errors.js';
import { isSlug } from '../../core/ids.js';
import type { RegionName } from '../../core/regions.js';
import type { ControlPlace } from '../project/control-address.js';
import type { Runtime } from '../runtime.js';
import { infrastructureOf } from './infrastructure.js';
import { getCell } from './store.js';

/** Where a cell in AWS is, or is to be made. */
export interface AwsPlace {
  readonly cell: string;
  readonly account: string;
  readonly region: RegionName;
  readonly network: { readonly vpcId: string; readonly subnetIds: string[] } | null;
  readonly copiesIn: RegionName | null;
  /** Where the control database is on RDS. */
  readonly control?: ControlPlace | null;
}

/** @throws RingfenceError usage for a cell that Ringfence did not make in AWS. */
export const awsPlaceOf = async (
  { control, controlServer }: Pick<Runtime, 'control' | 'controlServer'>,
  name: string,
): Promise<AwsPlace> => {
  const cell = await getCell(control, name);
  const infrastructure = infrastructureOf(cell);
  if (infrastructure !== undefined) {
    const { account, network, copiesIn } = infrastructure;
    const place = { cell: name, account, region: cell.region as RegionName, network, copiesIn };
    return { ...place, control: controlServer?.place ?? null };
  }
  throw new RingfenceError('usage', `cell ${name} was not made in AWS by Ringfence`, {
    fix: 'docs/backups.md names what a role needs for an instance, or a bucket, that was there already',
  });
};

/**
 * The policy of a role for one cell, as IAM takes it. Asks nobody.
 * @throws RingfenceError usage for what is no name of a cell.
 */
export const permissionsOf = async (role: AwsRole, place: AwsPlace) => {
  const { cell, account, region } = place;
  if (!isSlug(cell))
    throw new RingfenceError('usage', `${JSON.stringify(cell)} is not the name of a cell`, {
      fix: 'a name is 3 to 40 of a-z, 0-9 and single hyphens, and starts with a letter',
    });
  const { policyFor } = await import('../../stacks/programs/aws/permissions/roles.js');
  return {
    cell,
    role,
    account,
    region,
    policy: { Version: '2012-10-17' as const, Statement: policyFor(role, place) },
  };
};
