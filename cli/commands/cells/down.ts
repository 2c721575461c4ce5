import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirmByName, yesOption } from '../../terminal/consent.js';
import { progress } from '../../terminal/progress.js';

export const cellsDown = defineCommand({
  name: 'down',
  description: 'stop a cell, or everything without a name; data stays',
  arguments: ['[name]'],
  options: {
    purge: { description: 'remove the data, keys and state too (typed confirmation)' },
  },
  examples: ['ringfence cells down'],
  notOnWorker: NOT_ON_WORKER.ofServer,
  view: async () => (await import('../../../control-plane/cells/views.js')).cellsDownView,
  run: async (context, options, name) => {
    const { purgeAll, purgeCell, stopAll, stopCell } = await import(
      '../../../control-plane/cells/cells-down.js'
    );
    // A cell goes only when it has no tenants, and a project only whole.
    if (name === undefined) {
      if (options.purge) {
        await confirmByName(
          context,
          'purge',
          'This removes every cell, tenant, key and backup of this project.',
          yesOption(context, 'purge'),
        );
      }
      const cells = options.purge
        ? await purgeAll(context.project, context.terminal.env)
        : stopAll(context.project);
      const verb = options.purge ? 'removed' : 'stopped';
      context.result({ [verb]: cells }, () => `${verb}: ${cells.join(', ') || 'nothing was there'}\n`);
      return;
    }
    if (options.purge)
      await confirmByName(
        context,
        name,
        `This removes cell ${name} with its data and root key.`,
        yesOption(context, name),
      );
    await withRuntime(context, (runtime) =>
      options.purge
        ? purgeCell(runtime, name, progress(context, `cell ${name}`).change)
        : stopCell(runtime, name),
    );
    const verb = options.purge ? 'removed' : 'stopped';
    context.result({ [verb]: [name] }, () => `${verb}: ${name}\n`);
  },
});
