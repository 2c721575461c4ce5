import { Role } from '@pulumi/aws/iam/role.js';
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy.js';
import type { Key } from '@pulumi/aws/kms/key.js';
import type { Instance } from '@pulumi/aws/rds/instance.js';
import type { Bucket } from '@pulumi/aws/s3/bucket.js';
import * as pulumi from '@pulumi/pulumi';
import { STATE_CONTEXT } from '../../../targets/aws/state/engine-urls.js';
import { parseStatePlace } from '../../../targets/aws/state/place.js';
import { policyOf } from './key-policy.js';
import { statementsOf, withControl } from './permissions/roles.js';
import { stateStatements } from './permissions/state.js';
import { thingsOf, WITH_CONTEXT } from './permissions/things.js';
import { WORKER } from './permissions/worker.js';
import type { AwsScope } from './scope.js';

/** The role of the data plane: containers of this account take it, and the operators of the inputs. */
export const dataPlaneRole = ({ inputs, names, options, tags }: AwsScope): Role =>
  new Role(
    'data-plane',
    {
      name: names.role,
      description: `Data plane of Ringfence cell ${inputs.cell}`,
      assumeRolePolicy: policyOf([
        {
          Effect: 'Allow',
          Principal: { Service: 'ecs-tasks.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:SourceAccount': inputs.account } },
        },
        ...(inputs.operators.length === 0
          ? []
          : [{ Effect: 'Allow', Principal: { AWS: inputs.operators }, Action: 'sts:AssumeRole' }]),
      ]),
      tags: tags(),
    },
    options,
  );

/** What the worker may do with a state in S3, which is the project's and no cell's; undefined where it needs nothing. */
export const statePolicy = ({ inputs, options }: AwsScope, role: Role): RolePolicy | undefined => {
  if (inputs.state === null || inputs.worker === null) return undefined;
  const policy = policyOf(stateStatements(parseStatePlace(inputs.state), STATE_CONTEXT));
  return new RolePolicy('data-plane-state', { name: 'state', role: role.id, policy }, options);
};

/** What that role may do in AWS: the cell's own things, by their ARNs. */
export const dataPlanePolicy = (
  { inputs, options }: AwsScope,
  cell: {
    readonly role: Role;
    readonly bucket: Bucket;
    readonly database: Instance;
    readonly tenantKey: Key;
  },
): RolePolicy => {
  const { role, bucket, database, tenantKey } = cell;
  const named = thingsOf(inputs);
  return new RolePolicy(
    'data-plane',
    {
      name: 'cell',
      role: role.id,
      policy: pulumi
        .all([bucket.arn, tenantKey.arn, database.arn, database.masterUserSecrets])
        .apply(([bucketArn, keyArn, databaseArn, secrets]) =>
          policyOf(
            statementsOf(withControl(WORKER, inputs), {
              ...named,
              bucket: { arns: [bucketArn] },
              objects: { arns: [`${bucketArn}/*`] },
              tenantKey: { arns: [keyArn] },
              tenantKeyInContext: { arns: [keyArn], condition: WITH_CONTEXT },
              database: { arns: [databaseArn] },
              masterSecret: { arns: secrets.map(({ secretArn }) => secretArn) },
            }),
          ),
        ),
    },
    options,
  );
};
