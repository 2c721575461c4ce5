import { resolve } from 'node:path';
import type { Cadence } from '../../control-plane/isolation/cadences/cadence.js';
import { runCadence } from '../../control-plane/isolation/cadences/run-cadence.js';
import { EXIT_STATUS } from '../../core/errors.js';
import { table } from '../print/table.js';
import { reportsFolder } from '../runtime/reports-folder.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence isolation cadence <name> [--out]`: exit status 5 when something was found. */
export const isolationCadence = async (
  context: Context,
  options: { out?: string },
  cadence: Cadence,
): Promise<void> => {
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
};
