import { resolve } from 'node:path';
import { CADENCES } from '../../../control-plane/isolation/cadences/cadence.js';
import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { reportsFolder } from '../../runtime/reports-folder.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** Exit status 5 when something was found. */
export const isolationCadence = defineCommand({
  name: 'cadence',
  description:
    'run the tests of a pull request, a day, a week, a month, a quarter or a year; write their results',
  arguments: [{ name: '<cadence>', description: 'which tests', choices: CADENCES }],
  options: {
    out: { value: '<folder>', description: 'instead of .ringfence/isolation' },
  },
  notOnWorker: NOT_ON_WORKER.hasFiles,
  view: async () => (await import('../../../control-plane/isolation/views.js')).cadenceReportView,
  run: async (context, options, cadence) => {
    const { runCadence } = await import('../../../control-plane/isolation/cadences/run-cadence.js');
    const folder = options.out ? resolve(context.terminal.cwd, options.out) : reportsFolder(context);
    const report = await withRuntime(context, (runtime) =>
      runCadence(runtime, cadence, { folder, say: context.say }),
    );
    context.result(
      report,
      () =>
        `${table(
          ['step', '', 'what'],
          report.steps.map(({ step, outcome, summary }) => [step, outcome, summary]),
        )}${report.folder}\n`,
    );
    if (report.outcome === 'found') context.exitWith(EXIT_STATUS.isolation_violated);
  },
});
