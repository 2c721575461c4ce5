import type pg from 'pg';

/**
 * Counts the events of a tenant's audit chain that one cell has and the other has not: every write is one, so the cell has writes that
 * the other one lacks. Each event's hash covers all before it.
 */
export const countEventsOnlyIn = async (
  one: pg.ClientBase,
  other: pg.ClientBase,
  tenantId: string,
): Promise<number> => {
  const last = await lastEvent(one, tenantId);
  let [common, first] = [0, last + 1];
  while (first - common > 1) {
    const middle = Math.floor((common + first) / 2);
    const [here, there] = await Promise.all([hashOf(one, tenantId, middle), hashOf(other, tenantId, middle)]);
    if (here !== undefined && here === there) common = middle;
    else first = middle;
  }
  return last - common;
};

const lastEvent = async (client: pg.ClientBase, tenantId: string): Promise<number> => {
  const { rows } = await client.query<{ seq: number }>(
    'SELECT coalesce(max(seq), 0)::float8 AS seq FROM ringfence.audit_chain WHERE tenant_id = $1',
    [tenantId],
  );
  return rows[0]?.seq ?? 0;
};

const hashOf = async (client: pg.ClientBase, tenantId: string, seq: number): Promise<string | undefined> => {
  const { rows } = await client.query<{ hash: string }>(
    `SELECT encode(hash, 'hex') AS hash FROM ringfence.audit_chain WHERE tenant_id = $1 AND seq = $2`,
    [tenantId, seq],
  );
  return rows[0]?.hash;
};
