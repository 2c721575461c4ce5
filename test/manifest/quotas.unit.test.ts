import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { PLANS } from '../../manifest/plans.js';
import { QUOTA_NAMES, QUOTAS } from '../../manifest/quotas.js';

const GIB = 1024 ** 3;
const NUMBER = new Intl.NumberFormat('en');

it('docs/manifest.md has every quota of every plan', async () => {
  const reference = await readFile('docs/manifest.md', 'utf8');
  for (const name of QUOTA_NAMES) {
    const limits = PLANS.map((plan) => {
      const limit = QUOTAS[name].byPlan[plan];
      return name === 'storageBytes' ? `${NUMBER.format(limit / GIB)} GiB` : NUMBER.format(limit);
    });
    expect(reference).toContain(`| \`${name}\` | ${limits.join(' | ')} |\n`);
  }
});

it('every plan is within the range of every quota', () => {
  for (const name of QUOTA_NAMES) {
    const [min, max] = QUOTAS[name].range;
    for (const plan of PLANS) {
      expect(QUOTAS[name].byPlan[plan], `${name} of ${plan}`).toBeGreaterThanOrEqual(min);
      expect(QUOTAS[name].byPlan[plan], `${name} of ${plan}`).toBeLessThanOrEqual(max);
    }
  }
});
