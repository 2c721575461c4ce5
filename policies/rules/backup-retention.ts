import type { Rule } from '../rule.js';
import type { Judging, Resource } from '../subject.js';
import { groupsOf, isHidden, valueAt } from '../values.js';
import { cannotTell, PASSED, type Verdict, violated, worst } from '../verdict.js';

const KEPT = ['retentionDays', 'retentionWeeks', 'retentionMonths'] as const;
const DAYS = { retentionDays: 1, retentionWeeks: 7, retentionMonths: 31 } as const;

const atLeast = (value: unknown, wanted: number, what: string): Verdict => {
  if (isHidden(value)) return cannotTell(`${what}: only the deployment knows it`);
  const given = Number(value ?? 0);
  return given >= wanted
    ? PASSED
    : violated(
        `keeps backups for less than the manifest says: ${what} is ${given}`,
        `set ${what} to ${wanted} or more`,
      );
};

const schedule = ({ inputs }: Resource, { tenants }: Judging): Verdict | undefined =>
  worst(
    tenants.flatMap(({ backup }) => KEPT.map((name) => atLeast(valueAt(inputs, name), backup[name], name))),
  );

/** The archives keep what the manifest says; without automated backups RDS has no earlier moment at all, and no replica. */
const automated = ({ inputs }: Resource): Verdict => {
  const days = valueAt(inputs, 'backupRetentionPeriod');
  if (isHidden(days)) return cannotTell('backupRetentionPeriod: only the deployment knows it');
  return Number(days ?? 0) > 0
    ? PASSED
    : violated(
        'takes no automated backups',
        'set backupRetentionPeriod to the days of history that its cell promises',
      );
};

/** The longest that a backup of any of the tenants is kept, in days. */
const longestDays = ({ tenants }: Judging): number =>
  Math.max(1, ...tenants.flatMap(({ backup }) => KEPT.map((name) => backup[name] * DAYS[name])));

const expiry = ({ inputs }: Resource, judging: Judging): Verdict | undefined => {
  const { groups, hidden } = groupsOf(valueAt(inputs, 'rules'));
  return worst([
    PASSED,
    ...groups
      .filter(({ status }) => status !== 'Disabled')
      .map(({ expiration }) => {
        const [group] = groupsOf(expiration).groups;
        return group?.days === undefined
          ? undefined
          : atLeast(group.days, longestDays(judging), 'expiration.days');
      }),
    ...(hidden ? [cannotTell('its rules: only the deployment knows them')] : []),
  ]);
};

export const backupRetention: Rule = {
  name: 'backup-retention',
  description: 'Backups are taken, and kept at least as long as the manifests say',
  why: 'A manifest is what the clinic was promised',
  level: 'mandatory',
  judgeResource: (resource, judging) => {
    if (judging.tenants.length === 0) return undefined;
    switch (resource.type) {
      case 'ringfence:index:BackupSchedule':
        return schedule(resource, judging);
      case 'aws:rds/cluster:Cluster':
        return automated(resource);
      case 'aws:rds/instance:Instance':
        return valueAt(resource.inputs, 'replicateSourceDb') === undefined ? automated(resource) : undefined;
      case 'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration':
      case 'aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2':
        return expiry(resource, judging);
      default:
        return undefined;
    }
  },
};
