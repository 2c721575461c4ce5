import { DefaultSecurityGroup } from '@pulumi/aws/ec2/defaultSecurityGroup.js';
import { RouteTable } from '@pulumi/aws/ec2/routeTable.js';
import { RouteTableAssociation } from '@pulumi/aws/ec2/routeTableAssociation.js';
import { Subnet } from '@pulumi/aws/ec2/subnet.js';
import { Vpc } from '@pulumi/aws/ec2/vpc.js';
import { VpcEndpoint } from '@pulumi/aws/ec2/vpcEndpoint.js';
import type * as pulumi from '@pulumi/pulumi';
import type { AwsScope } from './scope.js';
import { zonesOf } from './zones.js';

/** A /20 has so many values of the third number. */
const ADDRESSES_STEP = 16;

export interface CellNetwork {
  readonly vpcId: pulumi.Input<string>;
  /** Private ones. */
  readonly subnetIds: pulumi.Input<string>[];
  /** The way to S3; undefined in a network that was there already. */
  readonly s3?: VpcEndpoint;
}

/**
 * The network of a cell: one private subnet in each of three zones, no way out but to S3, which costs nothing. A network that is
 * there already is used as it is.
 */
export const cellNetwork = (scope: AwsScope): CellNetwork => {
  const { inputs, options, tags } = scope;
  if (inputs.network !== null) return inputs.network;
  const name = `ringfence-${inputs.cell}`;
  const start = `10.${inputs.networkNumber}`;
  const vpc = new Vpc(
    'network',
    { cidrBlock: `${start}.0.0/16`, enableDnsSupport: true, enableDnsHostnames: true, tags: tags(name) },
    options,
  );
  // AWS makes it, and lets its members talk to each other; without rules nobody does.
  new DefaultSecurityGroup('default', { vpcId: vpc.id, ingress: [], egress: [], tags: tags(name) }, options);
  const routes = new RouteTable('routes', { vpcId: vpc.id, tags: tags(name) }, options);
  const subnetIds = zonesOf(inputs.region).map((availabilityZone, index) => {
    const subnet = new Subnet(
      `private-${index}`,
      {
        vpcId: vpc.id,
        availabilityZone,
        cidrBlock: `${start}.${index * ADDRESSES_STEP}.0/20`,
        mapPublicIpOnLaunch: false,
        tags: tags(`${name}-${availabilityZone}`),
      },
      options,
    );
    new RouteTableAssociation(`private-${index}`, { subnetId: subnet.id, routeTableId: routes.id }, options);
    return subnet.id;
  });
  const s3 = new VpcEndpoint(
    's3',
    {
      vpcId: vpc.id,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${inputs.region}.s3`,
      routeTableIds: [routes.id],
      tags: tags(`${name}-s3`),
    },
    options,
  );
  return { vpcId: vpc.id, subnetIds, s3 };
};
