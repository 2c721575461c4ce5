import { expect, it } from 'vitest';
import { RULES } from '../../policies/rules/index.js';
import { committedPage, currentPage } from '../../scripts/policies/page.js';

it('docs/policies.md lists the rules as they are: `npm run policies` writes it', () => {
  expect(committedPage()).toBe(currentPage());
  for (const { name } of RULES) expect(committedPage()).toContain(`### ${name}\n`);
});
