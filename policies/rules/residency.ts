import { regionOfArn } from '../../core/arn.js';
import type { Residency } from '../../core/regions.js';
import { isRegional, regionsNamed } from '../aws/places.js';
import { placeVerdict } from '../place-verdict.js';
import type { Rule } from '../rule.js';
import type { Judging, Promises, Resource } from '../subject.js';
import { documentOf, textsOf, UNKNOWN, valueAt } from '../values.js';
import { cannotTell, type Verdict, worst } from '../verdict.js';

/** Our own resources that put something somewhere; the others are in the database of these. */
const PLACED = /^ringfence:index:(?:LocalServer|LocalReplica|RootKey|TenantKey|TenantEnrolment)$/;

const residenciesOf = ({ tenants }: Promises): Residency[] => [
  ...new Set(tenants.map(({ residency }) => residency)),
];

const onAws = (resource: Resource, residencies: readonly Residency[]): Verdict | undefined => {
  if (!isRegional(resource.type)) return undefined;
  const own = regionsNamed({ ...resource.outputs, ...resource.inputs, ...containersOf(resource) });
  const base = valueAt(resource.inputs, 'region') ?? valueAt(resource.outputs, 'region');
  const made = regionOfArn(String(valueAt(resource.outputs, 'arn') ?? ''));
  const home = base ?? made ?? valueAt(resource.provider ?? {}, 'region');
  const places = [...new Set([...own.regions, ...(typeof home === 'string' ? [home] : [])])];
  return worst([
    ...places.map((place) => placeVerdict(place, residencies)),
    ...own.hidden.map((key) => cannotTell(`its ${key}: only the deployment knows it`)),
    ...(home === undefined || home === UNKNOWN
      ? [cannotTell('its region: neither it nor its provider names one')]
      : []),
    replicated(resource),
  ]);
};

/** Containers are JSON in a text: where their logs go, and where their secrets are. */
const containersOf = ({ type, inputs }: Resource): Record<string, unknown> => {
  if (type !== 'aws:ecs/taskDefinition:TaskDefinition') return {};
  const containers = documentOf(valueAt(inputs, 'containerDefinitions'));
  return { containerDefinitions: containers === UNKNOWN ? { region: UNKNOWN } : containers };
};

/** Buckets have names without a region. */
const replicated = ({ type }: Resource): Verdict | undefined =>
  /BucketReplicationConfig/.test(type)
    ? cannotTell('where the bucket is that it copies to: the name of a bucket has no region')
    : undefined;

const onCloudflare = (resource: Resource, residencies: readonly Residency[]): Verdict | undefined => {
  const { type, inputs } = resource;
  if (/:(?:R2Bucket|D1Database)$/.test(type)) {
    const jurisdiction = valueAt(inputs, 'jurisdiction');
    return typeof jurisdiction === 'string' && jurisdiction !== 'default'
      ? placeVerdict(jurisdiction, residencies)
      : residencies.every((residency) => residency === 'any')
        ? placeVerdict('any', residencies)
        : cannotTell('where it is: it has no jurisdiction');
  }
  if (!type.endsWith(':WorkersScript')) return undefined;
  const bindings = valueAt(inputs, 'bindings');
  const kinds = Array.isArray(bindings)
    ? bindings.map((binding) => valueAt(binding as Record<string, unknown>, 'type'))
    : [bindings];
  return kinds.some((kind) => kind === 'durable_object_namespace' || kind === UNKNOWN)
    ? cannotTell('where its Durable Objects are: an object reports that when it runs')
    : undefined;
};

const ofOurs = (
  { type, inputs }: Resource,
  residencies: readonly Residency[],
  { cellRegions }: Judging,
): Verdict | undefined => {
  if (!PLACED.test(type)) return undefined;
  const { texts, hidden } = textsOf(valueAt(inputs, 'cell') ?? valueAt(inputs, 'cells'));
  if (hidden) return cannotTell('its cell: only the deployment knows it');
  return worst(
    texts.map((cell) => {
      const region = cellRegions[cell];
      if (region === undefined) return cannotTell(`where cell ${cell} is`);
      const told = placeVerdict(region, residencies);
      return told?.verdict === 'violated' || residencies.every((residency) => residency === 'any')
        ? told
        : cannotTell(
            `where cell ${cell} is: ${region} is a label of ours; \`ringfence tenants residency\` asks its holder`,
          );
    }),
  );
};

export const residency: Rule = {
  name: 'residency',
  description:
    'Everything of a tenant is where its residency allows: databases, copies, keys, logs, buckets, Durable Objects',
  why: 'Health data that leaves its jurisdiction cannot be called back. London and Zurich are not in the EU',
  level: 'mandatory',
  judgeManifest: (tenant) => (tenant.region ? placeVerdict(tenant.region, [tenant.residency]) : undefined),
  judgeResource: (resource, judging) => {
    const residencies = residenciesOf(judging);
    if (residencies.length === 0) return undefined;
    return (
      onAws(resource, residencies) ??
      onCloudflare(resource, residencies) ??
      ofOurs(resource, residencies, judging)
    );
  },
  judgeFact: ({ found }, promises) => {
    const residencies = residenciesOf(promises);
    if (found.answer === 'none' || residencies.length === 0) return undefined;
    return found.answer === 'region'
      ? placeVerdict(found.region, residencies)
      : cannotTell(`where it is: ${found.evidence}`);
  },
};
