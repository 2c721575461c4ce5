import { z } from 'zod';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { readRows } from '../project/read-rows.js';
import type { Runtime } from '../runtime.js';

/**
 * The cells that may have been a tenant's home at a moment, the likeliest first: its home since then, or those that it has left since and
 * its home of now. A control database that was made again knows no earlier moment than that, so the cell's copy has the last word.
 */
export const cellsAt = async (
  { control }: Pick<Runtime, 'control'>,
  tenantId: string,
  at: Date,
): Promise<string[]> => {
  const { rows } = await control.query(
    `SELECT cell, state = 'home' AND since <= $2 AS "isLikely"
       FROM control.placements WHERE tenant_id = $1 AND state IN ('home', 'leaving', 'left') ORDER BY state = 'home', since DESC`,
    [tenantId, at],
  );
  const known = readRows(placedSchema, 'control.placements', rows);
  const likely = known.filter(({ isLikely }) => isLikely);
  return (likely.length > 0 ? likely : known).map(({ cell }) => cell);
};

const placedSchema = z.object({ cell: z.string(), isLikely: z.boolean() });

/** Whether a copy of a cell, as it was at a moment, was the tenant's home then: what lies in another one is a part, or out of date. */
export const isHomeOf = (copy: Connection, tenantId: string): Promise<boolean> =>
  withConnection(copy, async (client) => {
    const { rows } = await client.query(
      `SELECT FROM ringfence.tenants t WHERE id = $1 AND coalesce(to_jsonb(t) ->> 'fence', 'open') = 'open'`,
      [tenantId],
    );
    return rows.length > 0;
  });
