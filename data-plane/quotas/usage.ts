import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { MeasuredQuotaName } from '../../manifest/quotas.js';

/** The current use of each quota that is measured. */
export type Usage = Record<MeasuredQuotaName, number>;

const USAGE = readFileSync(new URL('./usage.sql', import.meta.url), 'utf8');

/** @returns undefined where the tenant is not enrolled in this cell. */
export const readUsage = async (client: pg.ClientBase, tenantId: string): Promise<Usage | undefined> =>
  (await client.query<Usage>(USAGE, [tenantId])).rows[0];
