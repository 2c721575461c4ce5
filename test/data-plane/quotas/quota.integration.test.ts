import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { deleteQuota, putQuota, readQuota } from '../../../data-plane/quotas/quota.js';
import { readUsage } from '../../../data-plane/quotas/usage.js';
import { MEASURED_QUOTA_NAMES, QUOTA_NAMES, QUOTAS, type Quotas } from '../../../manifest/quotas.js';
import { plantClinic, useDatabase } from '../../support/cell-database.js';

describe('the list of quotas', () => {
  const db = useDatabase();

  it('has the columns of the cell, and they have it', async () => {
    const { rows } = await db.admin.query<{ column: string }>(
      `SELECT attname AS column FROM pg_attribute
        WHERE attrelid = 'ringfence.quotas'::regclass AND attnum > 0 AND NOT attisdropped`,
    );
    expect(rows.map(({ column }) => column).sort()).toEqual(
      ['tenant_id', ...QUOTA_NAMES.map((name) => QUOTAS[name].column)].sort(),
    );
  });

  it('is written and read, each quota in its own column, and changed', async () => {
    const { tenantId } = await plantClinic(db.admin, `listed-${randomUUID().slice(0, 8)}`);
    const numbered = (from: number) =>
      Object.fromEntries(QUOTA_NAMES.map((name, index) => [name, from + index])) as Quotas;
    await withConnection(db.connection, async (client) => {
      for (const quotas of [numbered(2_000), numbered(3_000)]) {
        await putQuota(client, tenantId, quotas);
        expect(await readQuota(client, tenantId)).toEqual(quotas);
        const { rows } = await client.query('SELECT * FROM ringfence.quotas WHERE tenant_id = $1', [
          tenantId,
        ]);
        for (const name of QUOTA_NAMES) expect(Number(rows[0][QUOTAS[name].column])).toBe(quotas[name]);
      }
      await deleteQuota(client, tenantId);
      expect(await readQuota(client, tenantId)).toBeUndefined();
    });
  });

  it('says of which the use is measured', async () => {
    const { tenantId } = await plantClinic(db.admin, `measured-${randomUUID().slice(0, 8)}`);
    const usage = await withConnection(db.connection, (client) => readUsage(client, tenantId));
    expect(Object.keys(usage ?? {}).sort()).toEqual([...MEASURED_QUOTA_NAMES].sort());
  });
});
