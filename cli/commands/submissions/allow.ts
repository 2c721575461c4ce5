import { defineCommand } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const submissionsAllow = defineCommand({
  name: 'allow',
  description: 'make a login of the control database that may submit, and nothing else',
  arguments: ['<login>'],
  note: 'RINGFENCE_SUBMITTER_PASSWORD has its password; the same command with another one changes it.',
  examples: ['ringfence submissions allow ana'],
  view: async () => (await import('../../../control-plane/submissions/views.js')).submitterView,
  run: async (context, _options, login) => {
    const { allowSubmitter } = await import('../../../control-plane/submissions/allow.js');
    const password = context.terminal.env.RINGFENCE_SUBMITTER_PASSWORD;
    const { url } = await withRuntime(context, (runtime) => allowSubmitter(runtime, login, password));
    context.result(
      { login, url },
      () =>
        `${login} may submit: over a tunnel to this machine, with RINGFENCE_CONTROL_URL=${url} and the password in it\n`,
    );
  },
});
