import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { size, table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** Exit status 5 when its backup is overdue. */
export const controlStatusCommand = defineCommand({
  name: 'status',
  description: 'how old its backup is; exit status 5 when it is overdue',
  examples: ['ringfence control status'],
  view: async () => (await import('../../../control-plane/control-backup/views.js')).controlStatusView,
  run: async (context) => {
    const { controlStatus } = await import('../../../control-plane/control-backup/status.js');
    const status = await withRuntime(context, controlStatus);
    context.result(status, () =>
      table(
        ['project', status.projectId],
        [
          [
            'backup',
            status.isBehind
              ? 'AHEAD of this database, which is an earlier one: see doctor'
              : status.overdue
                ? 'OVERDUE'
                : 'ok',
          ],
          ['last sent', status.lastSentAt?.toISOString() ?? 'never'],
          ['age', status.ageMinutes === null ? '-' : `${status.ageMinutes} min`],
          ['last base backup', status.lastBaseAt?.toISOString() ?? 'never'],
          ['window', `${status.historyDays} days`],
          ['stored', size(status.storedBytes)],
          ['last rehearsal', status.rehearsedAt?.toISOString() ?? 'never'],
        ],
      ),
    );
    if (status.overdue) context.exitWith(EXIT_STATUS.backup_overdue);
  },
});
