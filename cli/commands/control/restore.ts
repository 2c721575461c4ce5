import type { ControlRestored } from '../../../control-plane/recovery/restore-control.js';
import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { parseTime } from '../../command/option-values.js';
import { describeReconciled, missingFrom } from '../../print/reconciled.js';
import { runtimeOptions } from '../../runtime/with-runtime.js';
import { confirmByName, yesOption } from '../../terminal/consent.js';

export const controlRestore = defineCommand({
  name: 'restore',
  description: 'bring it back from its backup, then up to what the objects say; what is there is set aside',
  options: {
    generation: {
      value: '<name>',
      description: 'out of this generation of its backups, after it was put back by hand',
    },
    to: {
      value: '<time>',
      description: 'as it was at this time (ISO 8601); the newest state when left out',
      parse: parseTime,
    },
  },
  notOnWorker: NOT_ON_WORKER.ofProject,
  view: async () => (await import('../../../control-plane/recovery/views.js')).controlRestoreView,
  run: async (context, options) => {
    const { hasControlDatabase } = await import('../../../control-plane/project/control-database.js');
    const { restoreControl } = await import('../../../control-plane/recovery/restore-control.js');
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
    const { lost, left, source } = restored;
    if (lost.length + left.length + source.missing.length > 0) context.exitWith(EXIT_STATUS.backup_refused);
    context.result(restored, () => describe(restored));
  },
});

const describe = ({ source, ...told }: ControlRestored): string =>
  [
    source.kind === 'backup'
      ? `the control database is back as of ${source.lastCommitAt?.toISOString()}`
      : 'no backup of the control database is left: the catalogue was made again from the archives of the tenants',
    ...missingFrom(source),
    ...source.kept.map((path) => `kept, remove it when you miss nothing: ${path}`),
    describeReconciled(told),
  ].join('\n');
