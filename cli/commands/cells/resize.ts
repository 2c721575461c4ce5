import { SIZES } from '../../../core/sizes.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { isChange } from '../../print/preview.js';
import { describeResize } from '../../print/resize.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';
import { describeChange, progress } from '../../terminal/progress.js';

export const cellsResize = defineCommand({
  name: 'resize',
  description: 'give a cell another size, or put its settings back; a preview says what restarts and costs',
  arguments: ['<name>'],
  options: {
    size: { value: '<size>', description: 'size class', choices: SIZES, required: true },
    dryRun: { description: 'preview only' },
  },
  examples: ['ringfence cells resize shared-eu-central-1 --size large'],
  notOnWorker: NOT_ON_WORKER.ofServer,
  view: async () => (await import('../../../control-plane/cells/views.js')).cellResizedView,
  run: async (context, { size, dryRun }, name) => {
    const { planResize, resizableCell } = await import('../../../control-plane/cells/resize.js');
    const { bringCellUp, previewCell, wakeCell } = await import('../../../control-plane/cells/cells-up.js');
    const { refuseBrokenPromises } = await import('../../../control-plane/policies/judge-cell.js');
    const { showCell } = await import('../../../control-plane/cells/shown-cell.js');
    await withRuntime(context, async (runtime) => {
      const known = await resizableCell(runtime, name);
      if (!dryRun) await wakeCell(runtime, name);
      const resize = await planResize(runtime, known, size);
      if (!resize) {
        context.result({ cell: showCell(known), resize }, () => `${name}: ${size} already\n`);
        return;
      }
      const request = { name, tier: known.tier, region: known.region, size: resize.to };
      await refuseBrokenPromises(runtime, request);
      const changes = await previewCell(runtime, request, { refresh: true });
      for (const change of changes.filter(isChange)) context.say(`  ${describeChange(change)}`);
      for (const line of describeResize(resize)) context.say(`  ${line}`);
      if (dryRun) {
        context.result({ cell: showCell(known), resize }, () => '');
        return;
      }
      const restarts = resize.restarts ? ' This restarts its server.' : '';
      await confirm(context, `Make ${name} ${resize.to}?${restarts}`);
      const report = progress(context, `cell ${name}`);
      const cell = await bringCellUp(runtime, request, report.change);
      report.done();
      context.result({ cell: showCell(cell), resize }, () => {
        const paused = resize.restarts ? `; no client could connect for ${cell.restartMs} ms` : '';
        return `${name}: ${cell.size}${paused}\n`;
      });
    });
  },
});
