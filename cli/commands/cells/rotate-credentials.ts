import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';

export const cellsRotateCredentials = defineCommand({
  name: 'rotate-credentials',
  description: 'new passwords for the logins of applications; open connections go on',
  arguments: ['<name>'],
  notOnWorker: NOT_ON_WORKER.ofProject,
  view: async () => (await import('../../../control-plane/cells/views.js')).credentialsRotationView,
  run: async (context, _options, name) => {
    const { rotateCredentials } = await import('../../../control-plane/cells/rotate-cell.js');
    await confirm(context, `Give the logins of applications in ${name} new passwords?`);
    await withRuntime(context, (runtime) => rotateCredentials(runtime, name));
    context.result({ cell: name }, () => `${name}: new passwords for ringfence_app and ringfence_keeper\n`);
  },
});
