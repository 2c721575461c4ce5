import * as pulumi from '@pulumi/pulumi';
import { RingfenceError } from '../../core/errors.js';
import { CELL_DATABASE } from '../../data-plane/database/cell-database.js';
import type { Tenant } from '../../manifest/index.js';
import { cellStack, stackReference } from '../names.js';
import { BackupSchedule } from '../resources/backup-schedule.js';
import { TenantEnrolment } from '../resources/enrolment.js';
import { TenantQuota } from '../resources/quota.js';
import { TenantKey } from '../resources/tenant-key.js';
import { TenantLogin } from '../resources/tenant-login.js';

/** A present or coming cell of the tenant. */
export interface TenantPlacement {
  readonly cell: string;
  /** In the others the tenant is closed: it comes, or it has gone. */
  readonly isHome: boolean;
}

/** A tenant to deploy into its cells. */
export interface TenantProgramArgs {
  /** One of them is its home. */
  readonly placements: readonly TenantPlacement[];
  readonly tenantId: string;
  readonly tenant: Tenant;
  /** False only for a preview, which does not read the outputs of the home. */
  readonly cellIsUp: boolean;
}

/** The engine refuses to delete or replace it; an operation takes the tenant out of a cell itself. */
const KEPT = { protect: true };

/**
 * The program of stack `tenant.<slug>`. Resources in a cell have its name in theirs. The outputs name the connection to the
 * home. The password of a login is derived, never stored.
 */
export const tenantProgram = (args: TenantProgramArgs) => (): Record<string, unknown> => {
  const { placements, tenantId, tenant, cellIsUp } = args;
  const [home, ...others] = [...placements].sort((a, b) => Number(b.isHome) - Number(a.isHome));
  if (!home?.isHome) throw new RingfenceError('internal', `tenant ${tenant.slug} has no home`);
  const { customerKey } = tenant.keys;
  const cells = [home, ...others].map(({ cell }) => cell);
  const key = new TenantKey('key', { tenantId, cells, ...(customerKey ? { customerKey } : {}) }, KEPT);
  const login = placeTenant(home, args, key);
  for (const other of others) placeTenant(other, args, key);
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
  const { host, port, database } = cellOutputs(home.cell, cellIsUp);
  return { cell: home.cell, tenantId, host, port, database, user: login?.name ?? null };
};

/** Declares the tenant's resources in one cell. @returns its login there, where the manifest asks for one. */
const placeTenant = (
  { cell, isHome }: TenantPlacement,
  { tenantId, tenant }: TenantProgramArgs,
  key: InstanceType<typeof TenantKey>,
): InstanceType<typeof TenantLogin> | null => {
  /** Earlier versions named the resources of the one cell without it. */
  const formerly = (name: string): pulumi.CustomResourceOptions => (isHome ? { aliases: [{ name }] } : {});
  const enrolment = new TenantEnrolment(
    `enrolment.${cell}`,
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
      state: isHome ? 'active' : 'closed',
    },
    { ...KEPT, ...formerly('enrolment'), dependsOn: [key] },
  );
  new TenantQuota(
    `quota.${cell}`,
    { cell, tenantId, ...tenant.quotas },
    { ...KEPT, ...formerly('quota'), dependsOn: [enrolment] },
  );
  if (tenant.sqlLogin === null) return null;
  const { connections, statementTimeoutMs } = tenant.quotas;
  return new TenantLogin(
    `login.${cell}`,
    {
      cell,
      tenantId,
      connections,
      statementTimeoutMs,
      reason: tenant.sqlLogin.reason,
      keyVersion: key.version,
      intact: true,
    },
    { ...formerly('login'), dependsOn: [enrolment] },
  );
};

/** The order of the database's answer, so that another order in a manifest is no drift. */
const bySlug = (clinics: Tenant['clinics']): Tenant['clinics'] =>
  [...clinics].sort((a, b) => (a.slug < b.slug ? -1 : 1));

const cellOutputs = (cell: string, isUp: boolean) => {
  if (!isUp) {
    return {
      host: pulumi.output('127.0.0.1'),
      port: pulumi.output(0),
      database: pulumi.output(CELL_DATABASE),
    };
  }
  const reference = new pulumi.StackReference('cell', { name: stackReference(cellStack(cell)) });
  return {
    host: reference.requireOutput('host') as pulumi.Output<string>,
    port: reference.requireOutput('port') as pulumi.Output<number>,
    database: reference.requireOutput('database') as pulumi.Output<string>,
  };
};
