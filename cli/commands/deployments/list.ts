import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { CELL_OPTION, ownerOf } from './owner.js';

export const deploymentsList = defineCommand({
  name: 'list',
  description: 'what a tenant or a cell was deployed as, newest first',
  arguments: ['[tenant]'],
  options: { cell: CELL_OPTION },
  examples: ['ringfence deployments list clinica-sonrisa'],
  view: async () =>
    (await import('../../../control-plane/deployments/views.js')).listedDeploymentView.array(),
  run: async (context, options, tenant) => {
    const { deploymentsOf } = await import('../../../control-plane/deployments/list-deployments.js');
    const deployments = await withRuntime(context, (runtime) =>
      deploymentsOf(runtime, ownerOf(tenant, options.cell)),
    );
    context.result(
      deployments.map(({ inputs: _, ...deployment }) => deployment),
      () =>
        table(
          ['deployment', 'outcome', 'began', 'by', 'through', 'why'],
          deployments.map(({ number, outcome, errorCode, startedAt, who, door, why }) => [
            String(number),
            errorCode ? `${outcome}: ${errorCode}` : outcome,
            startedAt.toISOString(),
            who,
            door,
            why ?? '-',
          ]),
        ),
    );
  },
});
