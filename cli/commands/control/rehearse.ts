import { defineCommand } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const controlRehearse = defineCommand({
  name: 'rehearse',
  description:
    'restore it from the object store into a server of its own, and time it; once a week by itself',
  view: async () => (await import('../../../control-plane/control-backup/views.js')).controlRehearsalView,
  run: async (context) => {
    const { rehearseControl } = await import('../../../control-plane/control-backup/rehearse.js');
    const rehearsal = await withRuntime(context, rehearseControl);
    context.result(
      rehearsal,
      () =>
        `the control database with ${rehearsal.tenants} tenants came back in ${(rehearsal.ms / 1_000).toFixed(1)} s; its last commit is of ${rehearsal.lastCommitAt.toISOString()}\n`,
    );
  },
});
