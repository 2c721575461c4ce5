import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** The last run of each cadence; exit status 5 when one is overdue, failed or found something. */
export const isolationRuns = defineCommand({
  name: 'runs',
  description: 'the last run of each cadence; exit status 5 when one is overdue or found something',
  view: async () => (await import('../../../control-plane/isolation/views.js')).isolationRunsView,
  run: async (context) => {
    const { cadenceStates } = await import('../../../control-plane/isolation/cadences/cadence-states.js');
    const states = await withRuntime(context, cadenceStates);
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
