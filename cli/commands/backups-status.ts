import { backupStatus } from '../../control-plane/operations/backup-status.js';
import { EXIT_STATUS } from '../../tenants/errors.js';
import type { Context } from '../context.js';
import { size, table } from '../print.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence backups status`: exit status 5 when a tenant's last good backup is older than it was promised. */
export const backupsStatus = async (context: Context): Promise<void> => {
  const statuses = await withRuntime(context, backupStatus);
  context.result(statuses, () =>
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
        status.overdue ? 'OVERDUE' : 'ok',
        status.lastGoodAt?.toISOString() ?? 'never',
        status.ageMinutes === null ? '-' : minutes(status.ageMinutes),
        minutes(status.rpoMinutes),
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
    ),
  );
  if (statuses.some(({ overdue }) => overdue)) context.exitWith(EXIT_STATUS.backup_overdue);
};

const minutes = (count: number): string =>
  count < 120
    ? `${count} min`
    : count < 2_880
      ? `${Math.round(count / 60)} h`
      : `${Math.round(count / 1_440)} days`;
