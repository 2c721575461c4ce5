import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import type { PooledTenant } from './tenants.js';

/** @returns how many rows are there that were not saved, lost that were, or another clinic's than the one that wrote them. */
export const compareRows = (admin: Connection, tenants: readonly PooledTenant[]): Promise<number> =>
  withConnection(admin, async (client) => {
    const { rows } = await client.query<{ clinicId: string; name: string }>(
      'SELECT clinic_id::text AS "clinicId", name FROM clinical.services',
    );
    const there = new Set(rows.map(({ clinicId, name }) => `${clinicId} ${name}`));
    const saved = new Set(
      tenants.flatMap(({ clinicId, saved: names }) => [...names].map((name) => `${clinicId} ${name}`)),
    );
    const extra = [...there].filter((row) => !saved.has(row)).length;
    const lost = [...saved].filter((row) => !there.has(row)).length;
    return extra + lost + (rows.length - there.size);
  });
