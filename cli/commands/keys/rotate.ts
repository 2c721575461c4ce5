import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { parseCount } from '../../command/option-values.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** Lines of progress a second at most. */
const PROGRESS_PAUSE_MS = 1_000;

/** Exit status 3 when a row opens with no version of the key. */
export const keysRotate = defineCommand({
  name: 'rotate',
  description: 'give a tenant a new key version and seal its fields again, while it works on',
  arguments: ['<tenant>'],
  options: {
    settle: {
      value: '<seconds>',
      description: 'how long applications may go on with the version they know',
      parse: parseCount,
      default: 300,
    },
  },
  onWorker: { kind: 'keys rotate' },
  view: async () => (await import('../../../control-plane/keys/views.js')).keyRotationView,
  run: async (context, options, slug) => {
    const { rotateTenantKey } = await import('../../../control-plane/keys/rotate-key.js');
    let saidMs = 0;
    const summary = await withRuntime(context, (runtime) =>
      rotateTenantKey(runtime, slug, {
        settleMs: options.settle * 1_000,
        onVersion: (version) => context.say(`key version ${version} made`),
        onWait: (waitMs) =>
          context.say(
            `waiting ${Math.ceil(waitMs / 1_000)} s until every application knows the newest version`,
          ),
        onBatch: ({ table: name, rows, of }) => {
          if (performance.now() - saidMs < PROGRESS_PAUSE_MS) return;
          saidMs = performance.now();
          context.say(`${rows} of ${of} rows sealed again, ${name}`);
        },
      }),
    );
    context.result(summary, () => {
      const rows = summary.tables.map((sealed) => [
        sealed.table,
        String(sealed.rows),
        String(sealed.refused),
      ]);
      const done = `${summary.rows} rows under key version ${summary.keyVersion} in ${summary.seconds.toFixed(1)} s`;
      const next = summary.resumed ? '; an earlier run is finished now, run it again for a new version' : '';
      return `${table(['table', 'sealed again', 'refused'], rows)}${done}; versions before stay, for backups${next}\n`;
    });
    if (summary.refused > 0) context.exitWith(EXIT_STATUS.envelope_refused);
  },
});
