import type pg from 'pg';
import { z } from 'zod';
import type { CustomerKeys } from '../../stacks/protocol/provider/dependencies.js';
import { readRows } from '../project/read-rows.js';

const keySchema = z.object({ customerKey: z.string().nullable() });

/** The keys that customers hold, as the control database has them. */
export const customerKeys = (control: pg.Pool): CustomerKeys => ({
  get: async (tenantId) => {
    const { rows } = await control.query(
      'SELECT customer_key AS "customerKey" FROM control.tenants WHERE id = $1',
      [tenantId],
    );
    return readRows(keySchema, 'control.tenants', rows)[0]?.customerKey ?? null;
  },
  set: async (tenantId, customerKeyId) => {
    await control.query(
      `UPDATE control.tenants SET customer_key = $2, customer_key_closed_at = NULL
        WHERE id = $1 AND customer_key IS DISTINCT FROM $2`,
      [tenantId, customerKeyId],
    );
  },
});

const heldSchema = z.object({
  id: z.guid(),
  slug: z.string(),
  cell: z.string(),
  customerKey: z.string(),
  /** When the data plane noticed that it is closed; null while it is open. */
  closedAt: z.date().nullable(),
});

/** A tenant whose customer holds a key. */
export type CustomerHeldTenant = Readonly<z.infer<typeof heldSchema>>;

/** @param slug of one of them; all when left out. */
export const listCustomerHeld = async (control: pg.Pool, slug?: string): Promise<CustomerHeldTenant[]> => {
  const { rows } = await control.query(
    `SELECT id, slug, cell, customer_key AS "customerKey", customer_key_closed_at AS "closedAt" FROM control.tenants
      WHERE customer_key IS NOT NULL AND state NOT IN ('provisioning', 'removed') AND ($1::text IS NULL OR slug = $1)
      ORDER BY slug`,
    [slug ?? null],
  );
  return readRows(heldSchema, 'control.tenants', rows);
};

export const recordClosed = async (
  control: pg.Pool,
  tenantId: string,
  closedAt: Date | null,
): Promise<void> => {
  await control.query('UPDATE control.tenants SET customer_key_closed_at = $2 WHERE id = $1', [
    tenantId,
    closedAt,
  ]);
};
