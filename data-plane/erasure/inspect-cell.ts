import type pg from 'pg';
import { listSchemaCopies } from '../backup/tenant/restore/to-schema.js';
import { readPlaces } from '../database/places.js';
import { readTenantTables } from '../database/tenant-tables.js';
import type { Check } from './certificate.js';
import type { ErasureSubject } from './erase-from-cell.js';

const ids = ({ tenantId, clinicIds }: ErasureSubject): string[] => [tenantId, ...clinicIds];

const counted = async (client: pg.ClientBase, from: string, values: readonly unknown[]): Promise<number> =>
  (await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${from}`, [...values])).rows[0]
    ?.count ?? 0;

/** Rows of the tenant's clinics by `schema.table`, and how many copies of its rows restores have made. */
export const countInCell = async (
  client: pg.ClientBase,
  subject: ErasureSubject,
): Promise<{ readonly rows: Record<string, number>; readonly scratchCopies: number }> => {
  const rows: Record<string, number> = {};
  for (const table of await readTenantTables(client))
    rows[table.name] = await counted(client, `${table.quoted} WHERE clinic_id = ANY ($1::uuid[])`, [
      subject.clinicIds,
    ]);
  return { rows, scratchCopies: (await listSchemaCopies(client, subject.tenantId)).length };
};

/** Looks for what an erasure should have left nothing of. @param cell for `where`. */
export const inspectCell = async (
  client: pg.ClientBase,
  cell: string,
  subject: ErasureSubject,
): Promise<Check[]> => {
  const checks: Check[] = [];
  for (const { table, column } of await readPlaces(client)) {
    const found = await counted(client, `${table} WHERE ${column} = ANY ($1::uuid[])`, [ids(subject)]);
    checks.push({ check: 'rows', where: `${cell}: ${table}.${column}`, found });
  }
  const role = [subject.loginRole];
  const copies = await listSchemaCopies(client, subject.tenantId);
  return [
    ...checks,
    { check: 'scratch-copies', where: cell, found: copies.length },
    { check: 'roles', where: cell, found: await counted(client, 'pg_roles WHERE rolname = $1', role) },
    {
      check: 'sessions',
      where: cell,
      found: await counted(client, 'pg_stat_activity WHERE usename = $1', role),
    },
  ];
};
