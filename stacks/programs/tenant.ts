import * as pulumi from '@pulumi/pulumi';
import { CELL_DATABASE } from '../../data-plane/database/cell-database.js';
import type { Tenant } from '../../manifest/index.js';
import { cellStack, stackReference } from '../names.js';
import {
  BackupSchedule,
  TenantEnrolment,
  TenantKey,
  TenantLogin,
  TenantQuota,
} from '../resources/declarations.js';

/** A tenant to deploy into a cell. */
export interface TenantProgramArgs {
  readonly cell: string;
  readonly tenantId: string;
  readonly tenant: Tenant;
  /** False only for a preview: the cell's outputs are not read. */
  readonly cellIsUp: boolean;
}

/** The engine refuses to delete or replace it; a removal takes the tenant out of its cell itself. */
const KEPT = { protect: true };

/** The program of stack `tenant.<slug>`. Its outputs name the connection; the password of a login is derived, never stored. */
export const tenantProgram = (args: TenantProgramArgs) => (): Record<string, unknown> => {
  const { cell, tenantId, tenant } = args;
  const { host, port, database } = cellOutputs(args);

  const key = new TenantKey('key', { tenantId, cell }, KEPT);
  const enrolment = new TenantEnrolment(
    'enrolment',
    {
      cell,
      tenantId,
      slug: tenant.slug,
      clinics: bySlug(tenant.clinics).map((clinic) => ({
        id: clinic.id,
        slug: clinic.slug,
        name: clinic.name,
        vertical: clinic.vertical,
        timeZone: clinic.hours.timeZone,
      })),
      state: 'active',
    },
    { ...KEPT, dependsOn: [key] },
  );
  const { connections, statementTimeoutMs } = tenant.quotas;
  const login =
    tenant.sqlLogin === null
      ? null
      : new TenantLogin(
          'login',
          {
            cell,
            tenantId,
            connections,
            statementTimeoutMs,
            reason: tenant.sqlLogin.reason,
            keyVersion: key.version,
            intact: true,
          },
          { dependsOn: [enrolment] },
        );
  new TenantQuota('quota', { cell, tenantId, ...tenant.quotas }, { ...KEPT, dependsOn: [enrolment] });
  new BackupSchedule(
    'backup-schedule',
    {
      tenantId,
      cron: tenant.backup.schedule,
      timeZone: tenant.backup.timeZone,
      retentionDays: tenant.backup.retentionDays,
      retentionWeeks: tenant.backup.retentionWeeks,
      retentionMonths: tenant.backup.retentionMonths,
      rpoMinutes: tenant.sla.rpoMinutes,
    },
    KEPT,
  );
  return { cell, tenantId, host, port, database, user: login?.name ?? null };
};

/** The order in which the database is read back, so that a manifest's order is no drift. */
const bySlug = (clinics: Tenant['clinics']): Tenant['clinics'] =>
  [...clinics].sort((a, b) => (a.slug < b.slug ? -1 : 1));

const cellOutputs = (args: TenantProgramArgs) => {
  if (!args.cellIsUp) {
    return {
      host: pulumi.output('127.0.0.1'),
      port: pulumi.output(0),
      database: pulumi.output(CELL_DATABASE),
    };
  }
  const reference = new pulumi.StackReference('cell', { name: stackReference(cellStack(args.cell)) });
  return {
    host: reference.requireOutput('host') as pulumi.Output<string>,
    port: reference.requireOutput('port') as pulumi.Output<number>,
    database: reference.requireOutput('database') as pulumi.Output<string>,
  };
};
