import type { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import { VpcEndpoint } from '@pulumi/aws/ec2/vpcEndpoint.js';
import { SecurityGroupEgressRule } from '@pulumi/aws/vpc/securityGroupEgressRule.js';
import { SecurityGroupIngressRule } from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import type * as pulumi from '@pulumi/pulumi';
import { WORKER_SERVICES } from '../../../../targets/aws/worker.js';
import { policyOf } from '../key-policy.js';
import type { CellNetwork } from '../network.js';
import type { AwsScope } from '../scope.js';
import { securityGroup } from '../security-groups.js';

const HTTPS = { ipProtocol: 'tcp', fromPort: 443, toPort: 443 };

/**
 * Where the worker's containers may go beside the database: to AWS's services that they call, by endpoints in the network of the cell. In a
 * network that was there already they go wherever its routes lead.
 * @returns the group of the worker, and what has to be there before it starts.
 */
export const workerWaysOut = (
  scope: AwsScope,
  network: CellNetwork,
  subnetIds: pulumi.Input<string>[],
): { readonly group: SecurityGroup; readonly before: pulumi.Resource[] } => {
  const { options, tags } = scope;
  const group = securityGroup(
    scope,
    network.vpcId,
    'worker',
    `Worker of Ringfence cell ${scope.inputs.cell}`,
  );
  const way = (name: string, description: string, to: Record<string, pulumi.Input<string>>) =>
    new SecurityGroupEgressRule(
      name,
      { ...HTTPS, ...to, securityGroupId: group.id, description, tags: tags() },
      options,
    );
  if (network.s3 === undefined)
    return { group, before: [way('worker-out', 'Services of AWS', { cidrIpv4: '0.0.0.0/0' })] };
  const toBucket = way('worker-to-s3', 'S3', { prefixListId: network.s3.prefixListId });
  const { services, endpoints } = serviceEndpoints(scope, network, { worker: group, subnetIds });
  const toServices = way('worker-to-services', 'Services of AWS', { referencedSecurityGroupId: services.id });
  return { group, before: [toBucket, toServices, ...endpoints] };
};

/** Doors to AWS's services, which only the worker reaches, and which let nobody in with credentials of another account. */
const serviceEndpoints = (
  scope: AwsScope,
  { vpcId }: CellNetwork,
  { worker, subnetIds }: { readonly worker: SecurityGroup; readonly subnetIds: pulumi.Input<string>[] },
) => {
  const { inputs, options, tags } = scope;
  const services = securityGroup(
    scope,
    vpcId,
    'services',
    `AWS for the worker of Ringfence cell ${inputs.cell}`,
  );
  const rule = new SecurityGroupIngressRule(
    'services-from-worker',
    {
      ...HTTPS,
      securityGroupId: services.id,
      referencedSecurityGroupId: worker.id,
      description: 'HTTPS from the worker',
      tags: tags(),
    },
    options,
  );
  const policy = policyOf([
    {
      Effect: 'Allow',
      Principal: '*',
      Action: '*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalAccount': inputs.account } },
    },
  ]);
  const endpoints = WORKER_SERVICES.map(
    (service) =>
      new VpcEndpoint(
        `to-${service}`,
        {
          vpcId,
          vpcEndpointType: 'Interface',
          serviceName: `com.amazonaws.${inputs.region}.${service}`,
          subnetIds,
          securityGroupIds: [services.id],
          privateDnsEnabled: true,
          policy,
          tags: tags(`ringfence-${inputs.cell}-${service}`),
        },
        options,
      ),
  );
  return { services, endpoints: [rule, ...endpoints] };
};
