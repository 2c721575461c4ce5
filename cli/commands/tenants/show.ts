import type { Opening } from '../../../control-plane/jobs/maintenance-window.js';
import { defineCommand } from '../../command/define-command.js';
import { describeConnection } from '../../print/summary.js';
import { size, table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** `ringfence tenants show <slug>` */
export const tenantsShow = defineCommand({
  name: 'show',
  description: 'one tenant: clinics, cell, key, quotas, backups',
  arguments: ['<slug>'],
  examples: ['ringfence tenants show clinica-sonrisa'],
  run: async (context, _options, slug) => {
    const { listBackups } = await import('../../../control-plane/backups/store.js');
    const { getCell } = await import('../../../control-plane/cells/store.js');
    const { openingAt } = await import('../../../control-plane/jobs/maintenance-window.js');
    const { getTenant } = await import('../../../control-plane/tenants/store.js');
    const { withConnection } = await import('../../../data-plane/database/connect.js');
    const { readEnrolment } = await import('../../../data-plane/enrolment/read-enrolment.js');
    const { usingKey } = await import('../../../data-plane/keys/using-keys.js');
    const { readQuota } = await import('../../../data-plane/quotas/quota.js');
    await withRuntime(context, async (runtime) => {
      const tenant = await getTenant(runtime.control, slug);
      const cell = await getCell(runtime.control, tenant.cell);
      const admin = await runtime.target.adminConnection(cell.name);
      const { enrolment, quotas } = await withConnection(admin, async (client) => ({
        enrolment: await readEnrolment(client, tenant.id),
        quotas: await readQuota(client, tenant.id),
      }));
      const keyVersion = await usingKey(runtime.target.tenantKeys.load(tenant.id), ({ version }) => version);
      const schedule = await runtime.target.schedules.get(tenant.id);
      const backups = await listBackups(runtime.control, tenant.id);
      const { maintenanceWindow } = tenant;
      const opening = maintenanceWindow && openingAt(maintenanceWindow, runtime.now());
      const shown = {
        ...tenant,
        nextMaintenance: opening,
        region: cell.region,
        connection: {
          host: admin.host,
          port: admin.port,
          database: admin.database,
          user: enrolment?.loginRole ?? null,
        },
        clinics: enrolment?.clinics ?? [],
        quotas: quotas ?? null,
        keyVersion,
        backupSchedule: schedule ?? null,
        backups: backups.slice(0, 10),
      };
      const last = backups.find((backup) => backup.state === 'verified');
      context.result(shown, () =>
        table(
          ['', tenant.slug],
          [
            ['name', tenant.legalName],
            ['id', tenant.id],
            ['state', tenant.state],
            ['cell', `${cell.name} (${cell.tier}, ${cell.region})`],
            ['plan', tenant.plan],
            ['database', describeConnection(shown.connection)],
            ['key', `version ${keyVersion}, wrapped under the root key of the cell`],
            ...shown.clinics.map((clinic) => [
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
              schedule ? `${schedule.cron} ${schedule.timeZone}, kept ${schedule.retentionDays} days` : '-',
            ],
            ['maintenance', opening ? windowText(opening, runtime.now()) : 'at any time'],
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
