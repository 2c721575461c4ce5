import { defineCommand } from '../../command/define-command.js';
import { placementTable } from '../../print/placements.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';
import { progress } from '../../terminal/progress.js';

export const placementsAdd = defineCommand({
  name: 'add',
  description:
    'make a further cell ready for a tenant: key, enrolment, limits; closed there, and without rows',
  arguments: ['<tenant>', '<cell>'],
  examples: ['ringfence placements add clinica-sonrisa shared-eu-west-1'],
  onWorker: { kind: 'placements add' },
  view: async () => (await import('../../../control-plane/placements/views.js')).placementsView,
  run: async (context, _options, slug, cell) => {
    const { addPlacement } = await import('../../../control-plane/moves/add-placement.js');
    const { listPlacements } = await import('../../../control-plane/placements/list-placements.js');
    await confirm(context, `Make cell ${cell} ready for ${slug}? Its home stays where it is.`);
    await withRuntime(context, async (runtime) => {
      const report = progress(context, slug);
      await addPlacement(runtime, { slug, cell }, report.step);
      report.done();
      const placements = await listPlacements(runtime, slug);
      context.result(placements, () => placementTable(placements));
    });
  },
});
