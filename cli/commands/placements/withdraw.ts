import { defineCommand } from '../../command/define-command.js';
import { placementTable } from '../../print/placements.js';
import { sayRows } from '../../print/rows.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirmByName, confirmOption } from '../../terminal/consent.js';
import { progress } from '../../terminal/progress.js';

export const placementsWithdraw = defineCommand({
  name: 'withdraw',
  description: 'take a tenant out of a cell that is not its home, with the rows that are there',
  arguments: ['<tenant>', '<cell>'],
  options: {
    confirm: { value: '<slug>', description: 'the name that a person would type' },
  },
  examples: ['ringfence placements withdraw clinica-sonrisa shared-eu-west-1 --confirm clinica-sonrisa'],
  onWorker: { kind: 'placements withdraw' },
  view: async () => (await import('../../../control-plane/placements/views.js')).placementsView,
  run: async (context, options, slug, cell) => {
    const { planWithdrawal, withdrawPlacement } = await import(
      '../../../control-plane/moves/withdraw-placement.js'
    );
    const { forgottenUntil } = await import('../../../control-plane/cells/cell-history.js');
    const { listPlacements } = await import('../../../control-plane/placements/list-placements.js');
    await withRuntime(context, async (runtime) => {
      const found = await planWithdrawal(runtime, { slug, cell });
      sayRows(context, found);
      await confirmByName(
        context,
        slug,
        `This takes ${slug} out of cell ${cell}, with ${found.total} rows that are there.`,
        confirmOption(slug, options.confirm),
      );
      const report = progress(context, slug);
      await withdrawPlacement(runtime, { slug, cell }, report.step);
      report.done();
      const until = await forgottenUntil(runtime, cell);
      context.say(
        `its rows are in dead pages of cell ${cell} until the next vacuum, and in its base backups and archived WAL until ${until.toISOString()}`,
      );
      const placements = await listPlacements(runtime, slug);
      context.result(placements, () => placementTable(placements));
    });
  },
});
