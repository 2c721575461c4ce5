import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { EDGE_QUOTAS, edgeQuotas } from '../../manifest/edge.js';
import { checkTenant, parseTenant } from '../../manifest/index.js';
import { PLANS } from '../../manifest/plans.js';
import { smallTenant } from '../support/cli.js';

const NUMBER = new Intl.NumberFormat('en');

it('docs/manifest.md has every quota of the edge of every plan', async () => {
  const reference = await readFile('docs/manifest.md', 'utf8');
  for (const [name, { byPlan }] of Object.entries(EDGE_QUOTAS)) {
    const limits = PLANS.map((plan) => NUMBER.format(byPlan[plan]));
    expect(reference).toContain(`| \`${name}\` | ${limits.join(' | ')} |\n`);
  }
});

it('quotas of the edge come from the manifest, else from the plan; a manifest without any stays the same', () => {
  expect(parseTenant(smallTenant('uno'))).not.toHaveProperty('edge');
  expect(edgeQuotas(parseTenant(smallTenant('uno')))).toEqual({
    requestsPerSecond: 10,
    burst: 30,
    dailyCostCapEur: 5,
  });
  const busy = parseTenant(smallTenant('uno', { plan: 'pro', edge: { requestsPerSecond: 500 } }));
  expect(edgeQuotas(busy)).toEqual({ requestsPerSecond: 500, burst: 500, dailyCostCapEur: 80 });
});

it.each([
  [{ burst: 5 }, 'is below requestsPerSecond; allowed: 10 or more'],
  [{ requestsPerSecond: 0 }, '1'],
  [{ requestPerSecond: 5 }, 'is not a known key'],
])('refuses %o', (edge, message) => {
  const result = checkTenant({ ...smallTenant('uno'), edge });
  expect(result.ok ? [] : result.problems.map((problem) => problem.message)).toEqual([
    expect.stringContaining(message),
  ]);
});

it.each([
  ['Citas.uno.example', 'one like citas.example.com, in lower case'],
  ['https://citas.uno.example', 'one like citas.example.com, in lower case'],
  ['*.uno.example', 'one like citas.example.com, in lower case'],
  ['10.0.0.1', 'one like citas.example.com, in lower case'],
  ['citas', 'one like citas.example.com, in lower case'],
  ['citas.clínica.example', 'allowed: citas.xn--clnica-4va.example'],
  ['عيادة.example', 'allowed: xn--mgber2b7e.example'],
])('refuses the domain %s, and says what is allowed', (domain, message) => {
  const result = checkTenant({ ...smallTenant('uno'), domain });
  expect(result.ok ? [] : result.problems.map((problem) => problem.message)).toEqual([
    expect.stringContaining(message),
  ]);
});
