import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { ChainLink } from './chain.js';

const LINKS = readFileSync(new URL('./queries/links.sql', import.meta.url), 'utf8');
const PAGE_ROWS = 5_000;

/** The links of a tenant's chain in order, a page at a time. Run it in one snapshot. */
export async function* readLinks(client: pg.ClientBase, tenantId: string): AsyncGenerator<ChainLink> {
  let after = 0;
  while (true) {
    const { rows } = await client.query<ChainLink>(LINKS, [tenantId, after, PAGE_ROWS]);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE_ROWS) return;
    after = last.seq;
  }
}

/** The end of the chain, as the cell noted it. */
export const readHead = async (
  client: pg.ClientBase,
  tenantId: string,
): Promise<{ seq: number; hash: Buffer }> => {
  const { rows } = await client.query<{ seq: number; hash: Buffer }>(
    'SELECT audit_seq::float8 AS seq, audit_hash AS hash FROM ringfence_private.ledgers WHERE tenant_id = $1',
    [tenantId],
  );
  return rows[0] ?? { seq: 0, hash: Buffer.alloc(32) };
};
