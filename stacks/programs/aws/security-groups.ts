import { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import { SecurityGroupEgressRule } from '@pulumi/aws/vpc/securityGroupEgressRule.js';
import { SecurityGroupIngressRule } from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import type * as pulumi from '@pulumi/pulumi';
import { POSTGRES_PORT } from './database.js';
import type { CellNetwork } from './network.js';
import type { AwsScope } from './scope.js';

export interface CellSecurityGroups {
  readonly database: pulumi.Output<string>;
  /** Its members reach the database: workers and applications join it. */
  readonly clients: pulumi.Output<string>;
}

/** A killed run leaves a group that no later one knows: a whole name of ours would stand in its way. */
export const securityGroup = (
  { inputs, options, tags }: AwsScope,
  vpcId: pulumi.Input<string>,
  what: string,
  description: string,
): SecurityGroup =>
  new SecurityGroup(
    what,
    {
      namePrefix: `ringfence-${inputs.cell}-${what}-`,
      description,
      vpcId,
      tags: tags(`ringfence-${inputs.cell}-${what}`),
    },
    options,
  );

/** Who reaches the database: the members of one group, and nobody by an address. The database itself reaches nothing. */
export const cellSecurityGroups = (scope: AwsScope, { vpcId }: CellNetwork): CellSecurityGroups => {
  const { inputs, options, tags } = scope;
  const group = (what: string, description: string) => securityGroup(scope, vpcId, what, description);
  const database = group('database', `Database of Ringfence cell ${inputs.cell}`);
  const clients = group('clients', `Who reaches the database of Ringfence cell ${inputs.cell}`);
  const port = { ipProtocol: 'tcp', fromPort: POSTGRES_PORT, toPort: POSTGRES_PORT };
  new SecurityGroupIngressRule(
    'database-from-clients',
    {
      ...port,
      securityGroupId: database.id,
      referencedSecurityGroupId: clients.id,
      description: 'Postgres from clients',
      tags: tags(),
    },
    options,
  );
  new SecurityGroupEgressRule(
    'clients-to-database',
    {
      ...port,
      securityGroupId: clients.id,
      referencedSecurityGroupId: database.id,
      description: 'Postgres to the database',
      tags: tags(),
    },
    options,
  );
  return { database: database.id, clients: clients.id };
};
