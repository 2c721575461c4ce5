import type { Opening } from '../../../control-plane/jobs/maintenance-window.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { describeConnection } from '../../print/summary.js';
import { size, table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const tenantsShow = defineCommand({
  name: 'show',
  description: 'one tenant: clinics, cell, key, quotas, backups',
  arguments: ['<slug>'],
  examples: ['ringfence tenants show clinica-sonrisa'],
  notOnWorker: NOT_ON_WORKER.saysWhatItCan,
  view: async () => (await import('../../../control-plane/tenant-status/views.js')).tenantStatusView,
  run: async (context, _options, slug) => {
    const { tenantStatus } = await import('../../../control-plane/tenant-status/tenant-status.js');
    await withRuntime(context, async (runtime) => {
      const { tenant, cell, ...status } = await tenantStatus(runtime, slug);
      const { nextMaintenance, connection, clinics, quotas, keyVersion, backupSchedule } = status;
      const shown = {
        ...tenant,
        nextMaintenance,
        region: cell.region,
        connection,
        clinics,
        quotas,
        keyVersion,
        backupSchedule,
        backups: status.backups.slice(0, 10),
      };
      const last = status.backups.find((backup) => backup.state === 'verified');
      context.result(shown, () =>
        table(
          ['', tenant.slug],
          [
            ['name', tenant.legalName],
            ['id', tenant.id],
            ['state', tenant.state],
            ['cell', `${cell.name} (${cell.tier}, ${cell.region})`],
            ...tenant.placements
              .filter(({ state }) => state !== 'home')
              .map(({ cell: further, state }) => ['placement', `${further}: ${state}`]),
            ['plan', tenant.plan],
            ['database', describeConnection(connection)],
            ['key', `version ${keyVersion}, wrapped under the root key of the cell`],
            ...clinics.map((clinic) => [
              'clinic',
              `${clinic.name} (${clinic.vertical}, ${clinic.timeZone}) ${clinic.id}`,
            ]),
            [
              'quotas',
              quotas
                ? `${quotas.connections} connections, ${quotas.rows} rows, ${size(quotas.storageBytes)}, ${quotas.requestsPerMinute} requests/min`
                : '-',
            ],
            [
              'backups',
              backupSchedule
                ? `${backupSchedule.cron} ${backupSchedule.timeZone}, kept ${backupSchedule.retentionDays} days`
                : '-',
            ],
            ['maintenance', nextMaintenance ? windowText(nextMaintenance, runtime.now()) : 'at any time'],
            ['last verified', last ? `${last.startedAt.toISOString()} ${last.id}` : '-'],
          ],
        ),
      );
    });
  },
});

const windowText = ({ from, until }: Opening, now: Date): string =>
  from <= now
    ? `window open until ${until.toISOString()}`
    : `next window ${from.toISOString()} to ${until.toISOString()}`;
