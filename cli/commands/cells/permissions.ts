import type { AwsPlace } from '../../../control-plane/cells/permissions.js';
import { AWS_ROLES } from '../../../core/aws-roles.js';
import { RingfenceError } from '../../../core/errors.js';
import { REGION_NAMES } from '../../../core/regions.js';
import { defineCommand } from '../../command/define-command.js';
import { parseAccount, parseNetwork } from '../../command/option-values.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import type { Context } from '../../terminal/context.js';

export const cellsPermissions = defineCommand({
  name: 'permissions',
  description: 'the policy of IAM with all that a role needs for one cell in AWS, and nothing else',
  arguments: ['<name>'],
  options: {
    for: { value: '<role>', description: 'whose policy', choices: AWS_ROLES, default: 'worker' },
    account: {
      value: '<number>',
      description: 'of a cell that is not made yet: the account',
      parse: parseAccount,
    },
    region: { value: '<region>', description: 'of such a cell: its region', choices: REGION_NAMES },
    copiesIn: {
      value: '<region>',
      description: 'of such a cell: the region of its copies',
      choices: REGION_NAMES,
    },
    network: {
      value: '<ids>',
      description: 'of such a cell: the network that is there already: vpc-…,subnet-…,subnet-…',
      parse: parseNetwork,
    },
  },
  examples: ['ringfence cells permissions clinics --for deployer --account 123456789012 --region eu-west-1'],
  view: async () => (await import('../../../control-plane/cells/views.js')).permissionsView,
  run: async (context, { for: role, ...planned }, name) => {
    const { permissionsOf } = await import('../../../control-plane/cells/permissions.js');
    const permissions = await permissionsOf(role, await placeOf(context, name, planned));
    context.result(permissions, () => `${JSON.stringify(permissions.policy, null, 2)}\n`);
  },
});

const placeOf = async (
  context: Context,
  cell: string,
  { account, region, network, copiesIn }: Partial<Omit<AwsPlace, 'cell'>>,
): Promise<AwsPlace> => {
  if (account !== undefined && region !== undefined)
    return { cell, account, region, network: network ?? null, copiesIn: copiesIn ?? null };
  if ([account, region, network, copiesIn].some((given) => given !== undefined))
    throw new RingfenceError('usage', 'a cell that is not made yet needs --account and --region');
  const { awsPlaceOf } = await import('../../../control-plane/cells/permissions.js');
  return withRuntime(context, (runtime) => awsPlaceOf(runtime, cell));
};
