import { defineCommand } from '../../command/define-command.js';
import { parseCount } from '../../command/option-values.js';
import { describeInputChanges } from '../../print/deployment-changes.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { CELL_OPTION, ownerOf } from './owner.js';

export const deploymentsDiff = defineCommand({
  name: 'diff',
  description: 'what changed between two deployments: the newest and the one before it when none is given',
  arguments: ['[tenant]'],
  options: {
    cell: CELL_OPTION,
    from: { value: '<number>', description: 'the earlier one', parse: parseCount },
    to: { value: '<number>', description: 'the later one', parse: parseCount },
  },
  examples: ['ringfence deployments diff clinica-sonrisa --from 1 --to 3'],
  view: async () => (await import('../../../control-plane/deployments/views.js')).deploymentDiffView,
  run: async (context, options, tenant) => {
    const { compareDeployments } = await import('../../../control-plane/deployments/list-deployments.js');
    const { from, to, changes } = await withRuntime(context, (runtime) =>
      compareDeployments(runtime, ownerOf(tenant, options.cell), options),
    );
    context.result({ from, to, changes }, () =>
      changes.length === 0
        ? `deployments ${from} and ${to} are of the same inputs\n`
        : describeInputChanges(changes),
    );
  },
});
