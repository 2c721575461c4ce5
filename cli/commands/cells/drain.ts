import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { MOVE_OPTIONS, writePlace } from '../../moves/run-move.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';
import { progress } from '../../terminal/progress.js';

const { rehearse: _, acceptLoss: __, ...OPTIONS } = MOVE_OPTIONS;

export const cellsDrain = defineCommand({
  name: 'drain',
  description: 'move every tenant out of a cell, one after the other, while they work',
  arguments: ['<cell>'],
  options: {
    to: {
      value: '<cell>',
      description: 'the cell to live in; some other one of the same tier and region without it',
    },
    region: { value: '<region>', description: 'cells of another region' },
    ...OPTIONS,
  },
  examples: ['ringfence cells drain shared-eu-central-1 --to shared-eu-central-1-2'],
  onWorker: { kind: 'cells drain' },
  view: async () => (await import('../../../control-plane/moves/views.js')).drainedCellView,
  run: async (context, options, cell) => {
    const { drainCell } = await import('../../../control-plane/moves/drain-cell.js');
    const { to, region, windowHours = 24, drainMs = 1_000, copyMbPerSecond } = options;
    await confirm(context, `Move every tenant out of cell ${cell}?`);
    await withRuntime(context, async (runtime) => {
      const copyBytesPerSecond = copyMbPerSecond === undefined ? undefined : copyMbPerSecond * 1_000_000;
      const request = { cell, to, region, windowHours, drainMs, copyBytesPerSecond };
      const drained = await drainCell(runtime, request, (slug) => progress(context, slug).step);
      for (const { slug, error } of drained) if (!error) await writePlace(context, slug, runtime);
      context.result(drained, () =>
        table(
          ['tenant', 'home', ''],
          drained.map(({ slug, cell: home, error }) => [
            slug,
            home,
            error ? `stayed: [${error.code}] ${error.message}` : 'moved',
          ]),
        ),
      );
      const stayed = drained.filter(({ error }) => error).length;
      if (stayed === 0) return;
      context.say(`${stayed} tenants stayed in cell ${cell}: run the command again, it goes on with those`);
      context.exitWith(EXIT_STATUS.move_failed);
    });
  },
});
