import { describe, expect, it } from 'vitest';
import { RULES } from '../../policies/rules/index.js';
import { runScenario, type Scenario } from './program.js';

const scenarioOf = async (rule: string, which: 'passing' | 'failing'): Promise<Scenario> =>
  (await import(`./${rule}/${which}.ts`)).scenario;

describe.each(RULES.map((rule) => [rule.name, rule] as const))('rule %s', (name, rule) => {
  it('passes the program that keeps it', async () => {
    const judgements = await runScenario(await scenarioOf(name, 'passing'), rule);
    expect(judgements.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
    expect(judgements).not.toEqual([]);
  });

  it('names each violation of the program that breaks it, with a fix', async () => {
    const scenario = await scenarioOf(name, 'failing');
    const violations = (await runScenario(scenario, rule)).flatMap((judgement) =>
      judgement.verdict === 'violated' ? [judgement] : [],
    );
    const said = violations.map(({ subject, message }) => `${subject.split('::').at(-1)}: ${message}`);
    for (const expected of scenario.violations ?? [])
      expect(said).toContainEqual(expect.stringContaining(expected));
    expect(said).toHaveLength(scenario.violations?.length ?? -1);
    expect(violations.map(({ fix }) => fix)).not.toContain('');
  });
});

/** These judge what is done to a resource, whatever its values are. */
const OF_CHANGES = ['kept-data', 'legal-holds'];

describe.each(
  RULES.filter(({ name }) => !OF_CHANGES.includes(name)).map((rule) => [rule.name, rule] as const),
)('rule %s', (name, rule) => {
  it('passes nothing of which no value is known', async () => {
    const judgements = await runScenario(await scenarioOf(name, 'passing'), rule, { hidden: true });
    expect(judgements.filter(({ verdict }) => verdict !== 'cannot-tell')).toEqual([]);
    expect(judgements).not.toEqual([]);
  });
});
