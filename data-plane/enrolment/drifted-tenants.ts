import { readFileSync } from 'node:fs';
import type pg from 'pg';

const QUERY = readFileSync(new URL('./queries/drifted-tenants.sql', import.meta.url), 'utf8');

/** Ids of the cell's tenants that are otherwise than a deployment leaves them. */
export const readDriftedTenants = async (client: pg.ClientBase): Promise<ReadonlySet<string>> =>
  new Set((await client.query<{ id: string }>(QUERY)).rows.map(({ id }) => id));
