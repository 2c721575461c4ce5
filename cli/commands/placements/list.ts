import { defineCommand } from '../../command/define-command.js';
import { placementTable } from '../../print/placements.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const placementsList = defineCommand({
  name: 'list',
  description: 'the cells that have, or had, something of a tenant',
  arguments: ['<tenant>'],
  examples: ['ringfence placements list clinica-sonrisa'],
  view: async () => (await import('../../../control-plane/placements/views.js')).placementsView,
  run: async (context, _options, slug) => {
    const { listPlacements } = await import('../../../control-plane/placements/list-placements.js');
    const placements = await withRuntime(context, (runtime) => listPlacements(runtime, slug));
    context.result(placements, () => placementTable(placements));
  },
});
