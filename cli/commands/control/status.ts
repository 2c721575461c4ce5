import type { ControlStatus } from '../../../control-plane/control-backup/status.js';
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
      status.url === null ? describeHere(status) : describeOnRds(status, status.url),
    );
    if (status.overdue) context.exitWith(EXIT_STATUS.backup_overdue);
  },
});

const backupOf = ({ isBehind, overdue }: ControlStatus): string => {
  if (isBehind) return 'AHEAD of this database, which is an earlier one: see doctor';
  return overdue ? 'OVERDUE' : 'ok';
};

const ageOf = ({ ageMinutes }: ControlStatus): string => (ageMinutes === null ? '-' : `${ageMinutes} min`);

const describeOnRds = (status: ControlStatus, url: string): string =>
  table(
    ['project', status.projectId],
    [
      ['on', url],
      ['backup by RDS', backupOf(status)],
      ['restorable from', status.restorableFrom?.toISOString() ?? '-'],
      ['restorable to', status.lastSentAt?.toISOString() ?? '-'],
      ['age', ageOf(status)],
      ['window', `${status.historyDays} days`],
    ],
  );

const describeHere = (status: ControlStatus): string =>
  table(
    ['project', status.projectId],
    [
      ['backup', backupOf(status)],
      ['last sent', status.lastSentAt?.toISOString() ?? 'never'],
      ['age', ageOf(status)],
      ['last base backup', status.lastBaseAt?.toISOString() ?? 'never'],
      ['window', `${status.historyDays} days`],
      ['stored', size(status.storedBytes)],
      ['last rehearsal', status.rehearsedAt?.toISOString() ?? 'never'],
    ],
  );
