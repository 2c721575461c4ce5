import { readFileSync } from 'node:fs';
import type pg from 'pg';

/** What a tenant has used of its cell since the month began (UTC). */
export interface Metered {
  readonly requests: number;
  /** The database's time. */
  readonly computeMs: number;
  /** Of all rows, as it is now. */
  readonly storageBytes: number;
  /** What it costs at the cell's `ringfence.prices`, in thousand-millionths of a euro: the key of the split of a shared cell. */
  readonly weight: bigint;
}

const METERED = readFileSync(new URL('./metered.sql', import.meta.url), 'utf8');

/** What every tenant of a cell has used, by its id. */
export const readMetered = async (client: pg.ClientBase): Promise<ReadonlyMap<string, Metered>> => {
  const { rows } = await client.query<
    Omit<Metered, 'weight'> & { readonly tenantId: string; readonly weight: string }
  >(METERED);
  return new Map(
    rows.map(({ tenantId, weight, ...used }) => [tenantId, { ...used, weight: BigInt(weight) }]),
  );
};
