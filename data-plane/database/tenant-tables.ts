import { readFileSync } from 'node:fs';
import type pg from 'pg';

/** A protected table, parents before the tables that refer to them. */
export interface TenantTable {
  readonly schema: string;
  readonly table: string;
  /** `schema.table`, each part quoted where it needs to be. */
  readonly quoted: string;
  readonly primaryKey: readonly string[];
  /** Columns that can be written, in the table's order. */
  readonly columns: readonly string[];
  /** Tenant tables that this one refers to, as `schema.table`. */
  readonly refersTo: readonly string[];
}

const TENANT_TABLES = readFileSync(new URL('./queries/tenant-tables.sql', import.meta.url), 'utf8');

export const tableName = (table: Pick<TenantTable, 'schema' | 'table'>): string =>
  `${table.schema}.${table.table}`;

/** Reads every tenant table of the cell, sorted so that a row can be inserted in this order and deleted in reverse. */
export const readTenantTables = async (client: pg.ClientBase): Promise<TenantTable[]> => {
  const { rows } = await client.query<TenantTable>(TENANT_TABLES);
  const remaining = new Map(rows.map((table) => [tableName(table), table]));
  const sorted: TenantTable[] = [];
  while (remaining.size > 0) {
    const ready = [...remaining.values()].filter((table) =>
      table.refersTo.every((parent) => parent === tableName(table) || !remaining.has(parent)),
    );
    // Tables that refer to each other in a ring have no order; they go together, as they are.
    const next = ready.length > 0 ? ready : [...remaining.values()];
    for (const table of next) remaining.delete(tableName(table));
    sorted.push(...next);
  }
  return sorted;
};
