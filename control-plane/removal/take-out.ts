import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { dropTenantLogin, loginRoleOf } from '../../data-plane/enrolment/tenant-login.js';
import { withdraw } from '../../data-plane/enrolment/withdraw.js';
import { countInCell } from '../../data-plane/erasure/inspect-cell.js';
import type { MoveRun } from '../../data-plane/moves/move-run.js';
import { deleteQuota, readQuota } from '../../data-plane/quotas/quota.js';
import { subjectOf } from '../erasure/subject.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';

/** A tenant's remains in a cell. */
export interface InCell {
  readonly isEnrolled: boolean;
  /** In the tables that are protected, by `schema.table`; those without a row are left out. */
  readonly rows: Readonly<Record<string, number>>;
  readonly total: number;
}

/** Reads the cell, not the engine's state. */
export const lookAtTenant = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  cell = tenant.cell,
): Promise<InCell> =>
  withConnection(await runtime.target.adminConnection(cell), async (client) => {
    const enrolled = await client.query('SELECT FROM ringfence.tenants WHERE id = $1', [tenant.id]);
    const { rows } = await countInCell(client, subject(tenant));
    const there = Object.entries(rows).filter(([, count]) => count > 0);
    return {
      isEnrolled: enrolled.rowCount !== 0,
      rows: Object.fromEntries(there),
      total: there.reduce((sum, [, count]) => sum + count, 0),
    };
  });

/**
 * Takes a tenant out of a cell: its rows, its login and its quota. Only a requested operation does this: the engine deletes
 * no rows. Idempotent.
 * @param options.run the cell is not the tenant's home: nothing is deleted where it is open, or where a later run has been.
 * @throws RingfenceError `removal_incomplete`, naming what is left.
 */
export const takeOut = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  cell: string,
  options: { readonly run?: MoveRun } = {},
): Promise<void> => {
  const admin = await runtime.target.adminConnection(cell);
  await dropTenantLogin(admin, loginRoleOf(tenant.id));
  await withConnection(admin, async (client) => {
    await deleteQuota(client, tenant.id);
    await withdraw(client, tenant.id, options);
  });
  runtime.reached('tenant-withdrawn');
  await refuseRemains(runtime, tenant, cell);
};

const refuseRemains = async (runtime: Runtime, tenant: RegisteredTenant, cell: string): Promise<void> => {
  const found = await lookAtTenant(runtime, tenant, cell);
  const { quota, login } = await withConnection(
    await runtime.target.adminConnection(cell),
    async (client) => ({
      quota: await readQuota(client, tenant.id),
      login: await client.query('SELECT FROM pg_roles WHERE rolname = $1', [loginRoleOf(tenant.id)]),
    }),
  );
  const left = [
    ...Object.entries(found.rows).map(([table, count]) => `${count} rows of ${table}`),
    ...(found.isEnrolled ? ['its enrolment'] : []),
    ...(quota ? ['its quota'] : []),
    ...(login.rowCount === 0 ? [] : ['its login']),
  ];
  if (left.length === 0) return;
  throw new RingfenceError(
    'removal_incomplete',
    `of tenant ${tenant.slug} something is left in cell ${cell}: ${left.join('; ')}`,
    {
      fix: 'run the command again: it goes on where this one stopped',
    },
  );
};

const subject = (tenant: RegisteredTenant): ReturnType<typeof subjectOf> =>
  subjectOf({ tenantId: tenant.id, clinicIds: Object.values(tenant.clinicIds) });
