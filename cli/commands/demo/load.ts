import { defineCommand } from '../../command/define-command.js';
import { parseCount } from '../../command/option-values.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const demoLoad = defineCommand({
  name: 'load',
  description: 'deterministic clinic data in Spanish, Arabic and English',
  arguments: ['<tenant>'],
  options: {
    patients: { value: '<count>', description: 'about ten rows each', parse: parseCount, default: 500 },
    seed: {
      value: '<number>',
      description: 'the same seed gives the same data',
      parse: parseCount,
      default: 1,
    },
  },
  examples: ['ringfence demo load clinica-sonrisa --patients 100'],
  onWorker: { kind: 'demo load' },
  view: async () => (await import('../../../control-plane/demo/views.js')).demoLoadView,
  run: async (context, options, slug) => {
    const { loadTenantDemo } = await import('../../../control-plane/demo/load-demo.js');
    const report = await withRuntime(context, (runtime) => loadTenantDemo(runtime, slug, options));
    context.result(
      { slug, ...report },
      () =>
        `${table(
          ['table', 'rows'],
          report.tables.map((loaded) => [loaded.table, String(loaded.rows)]),
        )}${report.rows} rows in ${report.seconds.toFixed(1)} s\n`,
    );
  },
});
