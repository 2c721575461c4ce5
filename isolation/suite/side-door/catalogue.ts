import { lintSchema } from '../../../data-plane/database/lint/lint-schema.js';
import { RULES } from '../../../data-plane/database/lint/rules.js';
import { each, type Family } from '../family.js';
import { held, leaked } from '../judge.js';

/** Cases on the defences in the catalogue, one for each rule of the schema lint. */
export const CATALOGUE: readonly Family[] = RULES.map((rule) => ({
  scenario: 'side-door' as const,
  id: 'catalogue',
  isolation: rule.isolation,
  tried: () => `Looking in the database's catalogue for a breach of the rule: ${rule.about}`,
  expected: 'none',
  over: () => [rule.id],
  attack: async (stage) => {
    const findings = await stage.once('lint', () => lintSchema(stage.admin));
    return each(
      RULES.map(({ id }) => id),
      async (id) => {
        const found = findings.filter((finding) => finding.rule === id);
        return found.length === 0
          ? held('none')
          : leaked(found.map(({ object, problem }) => `${object}: ${problem}`).join('; '));
      },
    );
  },
}));
