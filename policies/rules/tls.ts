import type { Rule } from '../rule.js';
import type { Judging, Resource } from '../subject.js';
import { documentOf, groupsOf, isHidden, UNKNOWN, valueAt } from '../values.js';
import { cannotTell, PASSED, type Verdict, violated } from '../verdict.js';

const LOOPBACK = /^(?:127\.|::1$|localhost$)/;

const forcedByParameters = ({ inputs }: Resource): Verdict => {
  const { groups, hidden } = groupsOf(valueAt(inputs, 'parameters'));
  const forced = groups.find(({ name }) => name === 'rds.force_ssl');
  if (forced && isHidden(forced.value)) return cannotTell('rds.force_ssl: only the deployment knows it');
  if (forced) return String(forced.value) === '1' ? PASSED : notForced;
  return hidden ? cannotTell('its parameters: only the deployment knows them') : notForced;
};
const notForced = violated('does not force TLS', 'set its parameter rds.force_ssl to 1');

const ownParameters = ({ inputs }: Resource, { resources }: Judging): Verdict => {
  const name = valueAt(inputs, 'parameterGroupName');
  if (name === undefined)
    return violated("has AWS's default parameter group", 'give it a parameter group with rds.force_ssl = 1');
  const group = resources.find(
    (one) => one.type.endsWith(':ParameterGroup') && valueAt(one.inputs, 'name') === name,
  );
  return group
    ? forcedByParameters(group)
    : cannotTell('whether its parameter group forces TLS: it is not among the resources by its name');
};

/** A bucket policy that denies whatever comes without TLS. */
const deniedByPolicy = ({ inputs }: Resource): Verdict => {
  const policy = documentOf(valueAt(inputs, 'policy'));
  if (policy === UNKNOWN) return cannotTell('its policy: only the deployment knows it');
  const denied = groupsOf(policy?.Statement).groups.some(
    (statement) =>
      statement.Effect === 'Deny' &&
      isEverybody(statement.Principal) &&
      String(valueAt(statement, 'Condition.Bool.aws:SecureTransport')) === 'false',
  );
  return denied
    ? PASSED
    : violated('lets requests in without TLS', 'deny everybody where aws:SecureTransport is false');
};

const isEverybody = (principal: unknown): boolean =>
  principal === '*' ||
  (typeof principal === 'object' && principal !== null && valueAt({ principal }, 'principal.AWS') === '*');

const hasPolicy = ({ inputs, outputs, name }: Resource, { resources }: Judging): Verdict => {
  const bucket = valueAt(inputs, 'bucket') ?? valueAt(outputs, 'bucket');
  const policies = resources.filter(({ type }) => type.endsWith(':BucketPolicy'));
  const own = policies.find((one) => valueAt(one.inputs, 'bucket') === bucket);
  if (own && typeof bucket === 'string') return deniedByPolicy(own);
  return policies.some((one) => isHidden(valueAt(one.inputs, 'bucket')))
    ? cannotTell(`which policy bucket ${name} has: only the deployment knows it`)
    : violated('has no policy that denies requests without TLS', 'add a bucket policy that denies them');
};

const verified = ({ inputs }: Resource): Verdict => {
  const host = valueAt(inputs, 'host');
  if (isHidden(host)) return cannotTell('its host: only the deployment knows it');
  if (LOOPBACK.test(String(host)) || valueAt(inputs, 'sslmode') === 'verify-full') return PASSED;
  return violated(`connects to ${host} without verifying it`, 'set sslmode to verify-full, with sslrootcert');
};

const listener = ({ inputs }: Resource): Verdict => {
  const protocol = valueAt(inputs, 'protocol');
  if (isHidden(protocol)) return cannotTell('its protocol: only the deployment knows it');
  const redirects = groupsOf(valueAt(inputs, 'defaultActions')).groups.every(
    ({ type }) => type === 'redirect',
  );
  return ['HTTPS', 'TLS'].includes(String(protocol)) || (protocol === 'HTTP' && redirects)
    ? PASSED
    : violated(`listens with ${protocol ?? 'no protocol'}`, 'let it listen with HTTPS or TLS');
};

const OLDER = ['1.0', '1.1'];

const certificate = ({ inputs }: Resource): Verdict => {
  const oldest = valueAt(inputs, 'ssl.settings.minTlsVersion');
  if (isHidden(oldest)) return cannotTell('which TLS it takes: only the deployment knows it');
  return oldest === undefined || OLDER.includes(String(oldest))
    ? violated(`takes TLS ${oldest ?? '1.0'}`, 'set ssl.settings.minTlsVersion to 1.2 or 1.3')
    : PASSED;
};

const JUDGES: Readonly<Record<string, (resource: Resource, judging: Judging) => Verdict>> = {
  'aws:lb/listener:Listener': listener,
  'aws:rds/clusterParameterGroup:ClusterParameterGroup': forcedByParameters,
  'aws:rds/instance:Instance': ownParameters,
  'aws:rds/parameterGroup:ParameterGroup': forcedByParameters,
  'aws:s3/bucket:Bucket': hasPolicy,
  'aws:s3/bucketPolicy:BucketPolicy': deniedByPolicy,
  'aws:s3/bucketV2:BucketV2': hasPolicy,
  'cloudflare:index/customHostname:CustomHostname': certificate,
  'pulumi:providers:postgresql': verified,
};

export const tls: Rule = {
  name: 'tls',
  description: 'Nothing is reached over a network without TLS',
  why: 'What goes over a network in the clear is read by whoever stands between',
  level: 'mandatory',
  looksAround: true,
  judgeResource: (resource, judging) => JUDGES[resource.type]?.(resource, judging),
};
