import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';

export const policiesList = defineCommand({
  name: 'list',
  description: 'every rule that a deployment has to keep',
  examples: ['ringfence policies list'],
  view: async () => (await import('../../../control-plane/policies/views.js')).rulesView,
  run: async (context) => {
    const { listRules } = await import('../../../control-plane/policies/rules.js');
    const rules = listRules();
    context.result(rules, () =>
      table(
        ['rule', 'level', 'judges', 'promise'],
        rules.map(({ name, level, judges, description }) => [name, level, judges.join(', '), description]),
      ),
    );
  },
});
