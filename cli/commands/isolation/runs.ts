import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

const DAY_MS = 86_400_000;

/** `ringfence isolation runs`: the last run of each cadence; exit status 5 when one is overdue, failed or found something. */
export const isolationRuns = defineCommand({
  name: 'runs',
  description: 'the last run of each cadence; exit status 5 when one is overdue or found something',
  run: async (context) => {
    const { CADENCE_PLANS, CADENCES } = await import('../../../control-plane/isolation/cadences/cadence.js');
    const { lastRuns } = await import('../../../control-plane/isolation/store.js');
    const { runs, now } = await withRuntime(context, async (runtime) => ({
      runs: await lastRuns(runtime.control),
      now: runtime.now(),
    }));
    const states = CADENCES.map((cadence) => {
      const { cron, maxAgeDays } = CADENCE_PLANS[cadence];
      const last = runs.find((run) => run.cadence === cadence);
      const overdue =
        cron !== null && (!last || now.getTime() - last.startedAt.getTime() > maxAgeDays * DAY_MS);
      return { cadence, cron, last: last ?? null, overdue };
    });
    context.result(states, () =>
      table(
        ['cadence', 'when (UTC)', 'last', 'outcome', '', 'folder'],
        states.map(({ cadence, cron, last, overdue }) => [
          cadence,
          cron ?? 'on pull requests',
          last ? last.startedAt.toISOString() : '-',
          last ? (last.outcome ?? 'running or killed') : '-',
          overdue ? 'overdue' : '',
          last?.folder ?? '',
        ]),
      ),
    );
    const wrong = states.some(
      ({ last, overdue }) => overdue || last?.outcome === 'found' || last?.outcome === 'failed',
    );
    if (wrong) context.exitWith(EXIT_STATUS.isolation_violated);
  },
});
