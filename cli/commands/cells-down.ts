import { purgeAll, purgeCell, stopAll, stopCell } from '../../control-plane/cells/cells-down.js';
import { withRuntime } from '../runtime/with-runtime.js';
import { confirmByName, yesOption } from '../terminal/consent.js';
import type { Context } from '../terminal/context.js';

/** `ringfence cells down [name] [--purge]` */
export const cellsDown = async (
  context: Context,
  options: { purge?: boolean },
  name?: string,
): Promise<void> => {
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
    const cells = options.purge ? purgeAll(context.project) : stopAll(context.project);
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
    options.purge ? purgeCell(runtime, name) : stopCell(runtime, name),
  );
  const verb = options.purge ? 'removed' : 'stopped';
  context.result({ [verb]: [name] }, () => `${verb}: ${name}\n`);
};
