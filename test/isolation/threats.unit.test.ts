import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { RULES } from '../../data-plane/database/lint/rules.js';
import { KNOWN_BREAKS } from '../../isolation/known-breaks.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const rows = readFileSync(join(root, 'docs', 'threats.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, number, way = '', scenarios = '', rules = '', tests = ''] =
      /^\| (\d+) \| (.*) \| (.*) \| (.*) \| (.*) \|$/.exec(line) ?? [];
    return number === undefined ? [] : [{ number: Number(number), way, scenarios, rules, tests }];
  });

it('names every known way in, and only those', () => {
  expect(Object.fromEntries(rows.map(({ number, way }) => [number, way]))).toEqual(KNOWN_BREAKS);
});

it('names the rules that refer to each, and scenarios and tests that are there', () => {
  const folders = readdirSync(join(root, 'isolation', 'suite'));
  for (const { number, scenarios, rules, tests } of rows) {
    const own = RULES.filter(({ isolation }) => isolation.includes(number)).map(({ id }) => `\`${id}\``);
    expect([number, rules]).toEqual([number, own.join(', ')]);
    for (const scenario of scenarios.split(', ').filter(Boolean)) expect(folders).toContain(scenario);
    for (const [, path = ''] of tests.matchAll(/`([^`]+)`/g))
      expect([path, existsSync(join(root, path))]).toEqual([path, true]);
    expect([number, scenarios + rules + tests]).not.toEqual([number, '']);
  }
});
