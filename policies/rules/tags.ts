import { CELL_TAG, TENANT_TAG } from '../../core/cost-tags.js';
import { holdsData } from '../data-types.js';
import type { Rule } from '../rule.js';
import type { Judging, Resource } from '../subject.js';
import { groupsOf, isHidden, valueAt } from '../values.js';
import { cannotTell, PASSED, type Verdict, violated } from '../verdict.js';

/** What is billed beside what holds data, and takes tags. */
const BILLED: ReadonlySet<string> = new Set([
  'aws:ec2/natGateway:NatGateway',
  'aws:ec2/vpcEndpoint:VpcEndpoint',
  'aws:ecs/cluster:Cluster',
  'aws:ecs/service:Service',
  'aws:rds/clusterInstance:ClusterInstance',
]);

/** Tags of its own, above those that its provider gives to everything. */
const tagsOf = ({ inputs, outputs, provider }: Resource) => {
  const [own] = groupsOf(valueAt(inputs, 'tags')).groups;
  const [all] = groupsOf(valueAt(outputs, 'tagsAll')).groups;
  const [defaults] = groupsOf(valueAt(provider ?? {}, 'defaultTags.tags')).groups;
  return { ...defaults, ...all, ...own };
};

const wantedOf = ({ tenants }: Judging): readonly string[] => {
  const [only, ...others] = tenants;
  // What several tenants share is split by what they use.
  return only && others.length === 0 && only.tier === 'dedicated' ? [CELL_TAG, TENANT_TAG] : [CELL_TAG];
};

export const tags: Rule = {
  name: 'tags',
  description: 'What costs money says for which cell, and for which tenant where it is only of one',
  why: 'Without tags nobody can say what a clinic costs',
  level: 'mandatory',
  judgeResource: (resource, judging): Verdict | undefined => {
    const { type, inputs } = resource;
    if (!type.startsWith('aws:') || !(holdsData(type) || BILLED.has(type))) return undefined;
    if (isHidden(valueAt(inputs, 'tags'))) return cannotTell('its tags: only the deployment knows them');
    const given: Readonly<Record<string, unknown>> = tagsOf(resource);
    const missing = wantedOf(judging).filter((name) => given[name] === undefined || given[name] === '');
    return missing.length > 0
      ? violated(`has no tag ${missing.join(' and ')}`, 'give it the tags, or its provider as defaultTags')
      : PASSED;
  },
};
