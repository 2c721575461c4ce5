import { defineCommand } from '../../command/define-command.js';
import { runtimeOptions } from '../../runtime/with-runtime.js';
import { confirmByName, yesOption } from '../../terminal/consent.js';
import { progress } from '../../terminal/progress.js';

export const controlDown = defineCommand({
  name: 'down',
  description: 'remove one on Amazon RDS, when there are no cells any more (typed confirmation)',
  view: async () => (await import('../../../control-plane/control-up/views.js')).controlDownView,
  run: async (context) => {
    const { takeControlDown } = await import('../../../control-plane/control-up/take-control-down.js');
    await confirmByName(
      context,
      'control',
      'This removes the control database from Amazon RDS.',
      yesOption(context, 'control'),
    );
    const removed = await takeControlDown(
      runtimeOptions(context),
      progress(context, 'control database').change,
    );
    context.result(removed, () => `removed: ${removed.rdsInstance}\n`);
  },
});
