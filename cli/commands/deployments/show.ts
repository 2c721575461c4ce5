import { defineCommand } from '../../command/define-command.js';
import { parseCount } from '../../command/option-values.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { CELL_OPTION, ownerOf } from './owner.js';

export const deploymentsShow = defineCommand({
  name: 'show',
  description: 'one deployment with its whole manifest; the newest when no number is given',
  arguments: ['[tenant]'],
  options: {
    cell: CELL_OPTION,
    number: { value: '<number>', description: 'of the deployment', parse: parseCount },
  },
  examples: ['ringfence deployments show clinica-sonrisa --number 2'],
  view: async () => (await import('../../../control-plane/deployments/views.js')).deploymentView,
  run: async (context, options, tenant) => {
    const { showDeployment } = await import('../../../control-plane/deployments/list-deployments.js');
    const deployment = await withRuntime(context, (runtime) =>
      showDeployment(runtime, ownerOf(tenant, options.cell), options.number),
    );
    const { stringify } = await import('yaml');
    context.result(deployment, () => stringify(deployment));
  },
});
