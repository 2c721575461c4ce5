import { hasControlDatabase } from '../../control-plane/project/control-database.js';
import { type ControlRestored, restoreControl } from '../../control-plane/recovery/restore-control.js';
import { EXIT_STATUS } from '../../core/errors.js';
import { describeReconciled } from '../print/reconciled.js';
import { runtimeOptions } from '../runtime/with-runtime.js';
import { confirmByName, yesOption } from '../terminal/consent.js';
import type { Context } from '../terminal/context.js';

/** `ringfence control restore [--to <time>]` */
export const controlRestore = async (
  context: Context,
  options: { readonly to?: Date; readonly generation?: string },
): Promise<void> => {
  const { project } = context;
  if (hasControlDatabase(project))
    await confirmByName(
      context,
      'control',
      `This takes the control database back to ${options.to?.toISOString() ?? 'its newest backup'}; what is there is set aside.`,
      yesOption(context, 'control'),
    );
  const restored = await restoreControl({
    ...runtimeOptions(context),
    at: options.to,
    generation: options.generation,
    now: new Date(),
  });
  if (restored.lost.length + restored.left.length > 0) context.exitWith(EXIT_STATUS.backup_refused);
  context.result(restored, () => describe(restored));
};

const describe = ({ source, ...told }: ControlRestored): string =>
  [
    source.kind === 'backup'
      ? `the control database is back as of ${source.lastCommitAt?.toISOString()}`
      : 'no backup of the control database is left: the catalogue was made again from the archives of the tenants',
    ...source.kept.map((path) => `kept, remove it when you miss nothing: ${path}`),
    describeReconciled(told),
  ].join('\n');
