import { REACHES } from '../../../core/reach.js';
import { defineCommand } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const cellsReach = defineCommand({
  name: 'reach',
  description: 'say who reaches the server of a cell: any process of the project, or the worker alone',
  arguments: [
    '<name>',
    { name: '<by>', description: 'direct, or worker for one in a network of its own', choices: REACHES },
  ],
  note: 'Nothing of the server or its network changes. RINGFENCE_TUNNEL=<cell> opens one for a process that has a tunnel.',
  examples: ['ringfence cells reach shared-eu-west-1 worker'],
  view: async () => (await import('../../../control-plane/cells/views.js')).cellView,
  run: async (context, _options, name, by) => {
    const { setReach } = await import('../../../control-plane/cells/reach.js');
    const { showCell } = await import('../../../control-plane/cells/shown-cell.js');
    const cell = await withRuntime(context, (runtime) => setReach(runtime, name, by));
    context.result(showCell(cell), () =>
      by === 'worker'
        ? `${name} is reached by the worker alone: add --on-worker to commands that work on its rows\n`
        : `${name} is reached directly\n`,
    );
  },
});
