import type { Rule } from '../rule.js';
import { groupsOf, isHidden, type Properties, valueAt } from '../values.js';
import { cannotTell, PASSED, type Verdict, violated, worst } from '../verdict.js';

const YEAR_DAYS = 366;

const within = (days: unknown, promised: number): Verdict => {
  if (isHidden(days)) return cannotTell('for how long it locks: only the deployment knows it');
  return Number(days) <= promised
    ? PASSED
    : violated(
        `locks objects for ${Number(days)} days, and an erasure is promised within ${promised}`,
        `lock for ${promised} days or fewer`,
      );
};

const lockedDays = (retention: Properties): unknown => {
  const { days, years } = retention;
  return years === undefined || isHidden(years) ? (days ?? years ?? 0) : Number(years) * YEAR_DAYS;
};

export const objectLock: Rule = {
  name: 'object-lock',
  description: 'No object is locked for longer than an erasure may take',
  why: 'What is locked cannot be erased, and erasure within a month is the law (GDPR Art. 12(3) and 17)',
  level: 'mandatory',
  judgeResource: ({ type, inputs }, { erasureDays }) => {
    if (/:BucketObjectLockConfiguration(?:V2)?$/.test(type)) {
      const { groups, hidden } = groupsOf(valueAt(inputs, 'rule'));
      const retentions = groups.map(({ defaultRetention }) => groupsOf(defaultRetention));
      return worst([
        PASSED,
        ...retentions.flatMap((one) => one.groups.map((group) => within(lockedDays(group), erasureDays))),
        ...(hidden || retentions.some((one) => one.hidden)
          ? [cannotTell('for how long it locks: only the deployment knows it')]
          : []),
      ]);
    }
    if (type === 'aws:backup/vaultLockConfiguration:VaultLockConfiguration')
      return within(valueAt(inputs, 'minRetentionDays') ?? 0, erasureDays);
    return undefined;
  },
};
