import { defineCommand } from '../../command/define-command.js';

export const policiesExplain = defineCommand({
  name: 'explain',
  description: 'what a rule asks for, why, and the exceptions from it that are in force',
  arguments: ['<rule>'],
  examples: ['ringfence policies explain residency'],
  view: async () => (await import('../../../control-plane/policies/views.js')).explainedRuleView,
  run: async (context, _options, name) => {
    const { explainRule } = await import('../../../control-plane/policies/rules.js');
    const rule = await explainRule({ project: context.project, now: () => new Date() }, name);
    const { description, why, level, judges, exceptions, inForce } = rule;
    context.result(rule, () =>
      [
        `${rule.name} (${level}): ${description}\n`,
        `why: ${why}\n`,
        `judges ${judges.join(', ')}; ${exceptions ? 'an exception stands in policies.yaml' : 'there are no exceptions from it'}\n`,
        ...inForce.map(
          ({ resource, tenant, owner, reason, until }) =>
            `excused until ${until}: ${resource}${tenant ? ` of ${tenant}` : ''} (${owner}: ${reason})\n`,
        ),
      ].join(''),
    );
  },
});
