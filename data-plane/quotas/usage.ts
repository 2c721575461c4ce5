import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { Quotas } from '../../manifest/index.js';

/** What of each quota is used; a statement's time limit is used up by none. `connections` are of the tenant's own login. */
export type Usage = Omit<Quotas, 'statementTimeoutMs'>;

const USAGE = readFileSync(new URL('./usage.sql', import.meta.url), 'utf8');

/** @returns undefined where the tenant is not enrolled in this cell. */
export const readUsage = async (client: pg.ClientBase, tenantId: string): Promise<Usage | undefined> =>
  (await client.query<Usage>(USAGE, [tenantId])).rows[0];
