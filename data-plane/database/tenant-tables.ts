import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { tableName } from './table-name.js';

/** A protected table, parents before the tables that refer to them. */
export interface TenantTable {
  /** In this database. */
  readonly oid: string;
  /** As `tableName` gives it. */
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  /** As SQL. */
  readonly quoted: string;
  readonly primaryKey: readonly string[];
  /** Columns that can be written, in the table's order. */
  readonly columns: readonly string[];
  /** Names of the tenant tables that this one refers to. */
  readonly refersTo: readonly string[];
}

const TENANT_TABLES = readFileSync(new URL('./queries/tenant-tables.sql', import.meta.url), 'utf8');

/** Reads every tenant table of the cell, sorted so that a row can be inserted in this order and deleted in reverse. */
export const readTenantTables = async (client: pg.ClientBase): Promise<TenantTable[]> => {
  const { rows } = await client.query<Omit<TenantTable, 'name'>>(TENANT_TABLES);
  const names = new Map(rows.map((row) => [row.oid, tableName(row)]));
  const tables = rows.map((row) => ({
    ...row,
    name: tableName(row),
    refersTo: row.refersTo.flatMap((oid) => names.get(oid) ?? []),
  }));
  const remaining = new Map(tables.map((table) => [table.name, table]));
  const sorted: TenantTable[] = [];
  while (remaining.size > 0) {
    const ready = [...remaining.values()].filter((table) =>
      table.refersTo.every((parent) => parent === table.name || !remaining.has(parent)),
    );
    // Tables that refer to each other in a ring have no order; they go together, as they are.
    const next = ready.length > 0 ? ready : [...remaining.values()];
    for (const table of next) remaining.delete(table.name);
    sorted.push(...next);
  }
  return sorted;
};
