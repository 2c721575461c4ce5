import type { BackupStatus } from '../../../control-plane/backups/backup-status.js';
import type { ControlStatus } from '../../../control-plane/control-backup/status.js';
import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { minutesText, size, table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/**
 * Exit status 5 when a tenant's last good backup is older than it was promised, or the control
 * database's is overdue; 4 when a cell is lost.
 */
export const backupsStatus = defineCommand({
  name: 'status',
  description: "every tenant's last good backup against its promise; exit status 5 when one is overdue",
  examples: ['ringfence backups status --json'],
  notOnWorker: NOT_ON_WORKER.saysWhatItCan,
  view: async () => (await import('../../../control-plane/control-backup/views.js')).backupsStatusView,
  run: async (context) => {
    const { backupStatus } = await import('../../../control-plane/backups/backup-status.js');
    const { controlStatus } = await import('../../../control-plane/control-backup/status.js');
    const { tenants, control } = await withRuntime(context, async (runtime) => ({
      tenants: await backupStatus(runtime),
      control: await controlStatus(runtime),
    }));
    context.result({ tenants, control }, () => `${tenantTable(tenants)}${controlLine(control)}`);
    if (control.overdue || tenants.some(({ overdue }) => overdue))
      context.exitWith(EXIT_STATUS.backup_overdue);
    if (tenants.some(({ cellLost }) => cellLost)) context.exitWith(EXIT_STATUS.data_lost);
  },
});

const controlLine = ({ isBehind, overdue, ageMinutes, lastSentAt, storedBytes }: ControlStatus): string =>
  `control database: ${isBehind ? 'EARLIER THAN ITS BACKUP' : overdue ? 'OVERDUE' : 'ok'}, ${
    lastSentAt === null || ageMinutes === null
      ? 'never backed up'
      : `as of ${lastSentAt.toISOString()}, ${minutesText(ageMinutes)} old, ${size(storedBytes)}`
  }\n`;

const tenantTable = (statuses: readonly BackupStatus[]): string =>
  table(
    [
      'tenant',
      '',
      'last good',
      'age',
      'promised',
      'last test restore',
      'into an empty cell',
      'backups',
      'size',
      'a month',
      'any second since',
      'last failure',
    ],
    statuses.map((status) => [
      status.slug,
      status.cellLost ? 'CELL LOST' : status.overdue ? 'OVERDUE' : 'ok',
      status.lastGoodAt?.toISOString() ?? 'never',
      status.ageMinutes === null ? '-' : minutesText(status.ageMinutes),
      minutesText(status.rpoMinutes),
      status.lastVerifiedAt?.toISOString() ?? '-',
      status.rehearsalMs === null
        ? 'never'
        : `${(status.rehearsalMs / 1_000).toFixed(1)} s, ${status.rehearsedAt?.toISOString().slice(0, 10)}`,
      String(status.backups),
      size(status.storedBytes),
      `${status.storageUsdPerMonth.toFixed(2)} USD`,
      status.restorableFrom?.toISOString() ?? '-',
      status.lastFailedAt?.toISOString() ?? '-',
    ]),
  );
