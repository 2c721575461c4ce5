import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { dropSchemaCopies } from '../backup/tenant/restore/to-schema.js';
import { inTransaction } from '../database/connect.js';
import { readTenantTables, type TenantTable } from '../database/tenant-tables.js';
import { type MoveRun, requireMove } from '../moves/move-run.js';
import { endStreamsFrom } from '../moves/streams-from.js';
import type { Fence } from './enrolment.js';

const AUDIT_LOG = 'clinical.audit_events';

/**
 * Deletes the tenant's rows from every tenant table, its clinics and its row, and drops the copies of its rows that
 * restores made, in one transaction. Idempotent.
 * @param options.run takes the tenant out of a cell that is not its home, and only if no later run has been there.
 * The audit log goes last: each of the other deletions adds to it.
 */
export const withdraw = async (
  client: pg.Client,
  tenantId: string,
  { run }: { readonly run?: MoveRun } = {},
): Promise<void> => {
  const mayDelete = async (): Promise<boolean> => run === undefined || isStillAway(client, run);
  if (await inTransaction(client, mayDelete)) await endStreamsFrom(client, tenantId);
  await inTransaction(client, async () => {
    if (!(await mayDelete())) return;
    await dropSchemaCopies(client, tenantId);
    const tables = (await readTenantTables(client)).reverse();
    const isLog = (table: TenantTable) => table.name === AUDIT_LOG;
    await deleteRows(
      client,
      tables.filter((one) => !isLog(one)),
      tenantId,
    );
    await deleteRows(client, tables.filter(isLog), tenantId);
    await client.query('DELETE FROM ringfence.clinics WHERE tenant_id = $1', [tenantId]);
    await client.query('DELETE FROM ringfence.tenants WHERE id = $1', [tenantId]);
  });
};

/**
 * A run that slept through a move must not delete at the home, nor what a later run has copied. The row stays locked.
 * @returns false where the cell has nothing of the tenant any more.
 * @throws RingfenceError `move_superseded`; `conflict` where the tenant is open.
 */
const isStillAway = async (client: pg.Client, run: MoveRun): Promise<boolean> => {
  const { rows } = await client.query<{ fence: Fence; slug: string }>(
    'SELECT fence, slug FROM ringfence.tenants WHERE id = $1 FOR UPDATE',
    [run.tenantId],
  );
  const [tenant] = rows;
  if (!tenant) return false;
  await requireMove(client, run);
  if (tenant.fence === 'closed') return true;
  throw new RingfenceError('conflict', `tenant ${tenant.slug} is open in this cell: no row is deleted`, {
    fix: `look where it is at home: \`ringfence placements list ${tenant.slug}\``,
  });
};

/** In one statement, at whose end foreign keys are checked: tables may refer to each other. */
const deleteRows = async (
  client: pg.Client,
  tables: readonly TenantTable[],
  tenantId: string,
): Promise<void> => {
  const deletes = tables.map(
    ({ quoted }, at) =>
      `d${at} AS (DELETE FROM ${quoted} WHERE clinic_id IN (SELECT id FROM ringfence.clinics WHERE tenant_id = $1))`,
  );
  if (deletes.length > 0) await client.query(`WITH ${deletes.join(', ')} SELECT`, [tenantId]);
};
