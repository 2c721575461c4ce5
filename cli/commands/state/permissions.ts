import { defineCommand } from '../../command/define-command.js';

export const statePermissionsCommand = defineCommand({
  name: 'permissions',
  description: 'the policy of IAM with all that a state in S3 needs of whoever deploys, and nothing else',
  examples: ['ringfence state permissions'],
  view: async () => (await import('../../../control-plane/project/state/views.js')).statePermissionsView,
  run: async (context) => {
    const { statePermissions } = await import('../../../control-plane/project/state/permissions.js');
    const permissions = await statePermissions(context.project, context.terminal.env);
    context.result(permissions, () => `${JSON.stringify(permissions.policy, null, 2)}\n`);
  },
});
