import type { Rule } from '../rule.js';
import type { Judging, Resource } from '../subject.js';
import { documentOf, groupsOf, isHidden, textsOf, UNKNOWN, valueAt } from '../values.js';
import { cannotTell, PASSED, type Verdict, violated, worst } from '../verdict.js';

const EVERYWHERE = ['0.0.0.0/0', '::/0'];
const BLOCKS = ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets'];

/** A flag that has to be off, as it is where it is left out. */
const off =
  (path: string) =>
  ({ inputs }: Resource): Verdict => {
    const value = valueAt(inputs, path);
    if (isHidden(value)) return cannotTell(`${path}: only the deployment knows it`);
    return value === true ? violated(`is public: ${path} is true`, `set ${path} to false`) : PASSED;
  };

const blocked = ({ inputs }: Resource): Verdict => {
  const values = BLOCKS.map((name) => [name, valueAt(inputs, name)] as const);
  const open = values.filter(([, value]) => !isHidden(value) && value !== true).map(([name]) => name);
  if (open.length > 0)
    return violated(`does not block public access: ${open.join(', ')}`, 'set all four blocks to true');
  return values.some(([, value]) => isHidden(value))
    ? cannotTell('its blocks: only the deployment knows them')
    : PASSED;
};

const bucket = (resource: Resource, { resources }: Judging): Verdict => {
  const acl = valueAt(resource.inputs, 'acl');
  if (isHidden(acl)) return cannotTell('its acl: only the deployment knows it');
  if (/^(?:public|authenticated)-/.test(String(acl)))
    return violated(`is public by its acl ${acl}`, 'leave the acl out');
  const name = valueAt(resource.inputs, 'bucket') ?? valueAt(resource.outputs, 'bucket');
  const blocks = resources.filter(({ type }) => type.endsWith(':BucketPublicAccessBlock'));
  const own = blocks.find((one) => valueAt(one.inputs, 'bucket') === name);
  if (own && typeof name === 'string') return blocked(own);
  return blocks.some((one) => isHidden(valueAt(one.inputs, 'bucket')))
    ? cannotTell('which block of public access it has: only the deployment knows it')
    : violated('has no block of public access', 'add a BucketPublicAccessBlock with all four blocks');
};

const cidrs =
  (...paths: string[]) =>
  (properties: Readonly<Record<string, unknown>>): Verdict => {
    const { texts, hidden } = textsOf(paths.flatMap((path) => valueAt(properties, path) ?? []));
    const open = texts.find((text) => EVERYWHERE.includes(text));
    if (open !== undefined)
      return violated(`lets everybody in from ${open}`, 'name the security group that may connect');
    return hidden ? cannotTell('who may connect: only the deployment knows it') : PASSED;
  };

const ingress = ({ inputs }: Resource): Verdict | undefined => {
  const { groups, hidden } = groupsOf(valueAt(inputs, 'ingress'));
  return worst([
    PASSED,
    ...groups.map(cidrs('cidrBlocks', 'ipv6CidrBlocks')),
    ...(hidden ? [cannotTell('its ingress: only the deployment knows it')] : []),
  ]);
};

const rule = ({ inputs }: Resource): Verdict | undefined =>
  valueAt(inputs, 'type') === 'egress' ? undefined : cidrs('cidrBlocks', 'ipv6CidrBlocks')(inputs);

/** A policy of a resource that lets everybody do something, on no condition. */
const policy =
  (path: string) =>
  ({ inputs }: Resource): Verdict => {
    const document = documentOf(valueAt(inputs, path));
    if (document === UNKNOWN) return cannotTell('its policy: only the deployment knows it');
    const open = groupsOf(document?.Statement).groups.some(
      ({ Effect, Principal, Condition }) =>
        Effect === 'Allow' &&
        Condition === undefined &&
        (Principal === '*' || textsOf((Principal as { AWS?: unknown } | undefined)?.AWS).texts.includes('*')),
    );
    return open ? violated('lets everybody in by its policy', 'name who may, or on which condition') : PASSED;
  };

const shared = ({ inputs }: Resource): Verdict => {
  const { texts, hidden } = textsOf(valueAt(inputs, 'sharedAccounts'));
  if (texts.includes('all')) return violated('is shared with all accounts', 'name no account');
  return hidden ? cannotTell('with whom it is shared: only the deployment knows it') : PASSED;
};

const grant = ({ inputs }: Resource): Verdict => {
  const [role, privileges] = [valueAt(inputs, 'role'), valueAt(inputs, 'privileges')];
  if (isHidden(role) || isHidden(privileges))
    return cannotTell('what it grants: only the deployment knows it');
  return role === 'public' && textsOf(privileges).texts.length > 0
    ? violated('grants a privilege to every role', 'name the role')
    : PASSED;
};

const JUDGES: Readonly<Record<string, (resource: Resource, judging: Judging) => Verdict | undefined>> = {
  'aws:ec2/securityGroup:SecurityGroup': ingress,
  'aws:ec2/securityGroupRule:SecurityGroupRule': rule,
  'aws:ec2/subnet:Subnet': off('mapPublicIpOnLaunch'),
  'aws:ecs/service:Service': off('networkConfiguration.assignPublicIp'),
  'aws:kms/key:Key': policy('policy'),
  'aws:rds/clusterInstance:ClusterInstance': off('publiclyAccessible'),
  'aws:rds/instance:Instance': off('publiclyAccessible'),
  'aws:rds/snapshot:Snapshot': shared,
  'aws:s3/bucket:Bucket': bucket,
  'aws:s3/bucketPolicy:BucketPolicy': policy('policy'),
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': blocked,
  'aws:s3/bucketV2:BucketV2': bucket,
  'aws:secretsmanager/secretPolicy:SecretPolicy': policy('policy'),
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': ({ inputs }) =>
    cidrs('cidrIpv4', 'cidrIpv6')(inputs),
  'postgresql:index/grant:Grant': grant,
};

export const nothingPublic: Rule = {
  name: 'nothing-public',
  description: 'No database, bucket, key, secret or snapshot can be reached by everybody',
  why: 'Most leaks of health data were a bucket or a server that anybody could open',
  level: 'mandatory',
  looksAround: true,
  judgeResource: (resource, judging) => JUDGES[resource.type]?.(resource, judging),
};
