import pg from 'pg';
import type { ContextSubject } from '../../data-plane/access/context-token.js';
import { readCatalogue } from '../../data-plane/backup/tenant/catalogue.js';
import { readObjects, type Writable } from '../objects.js';

/** A foreign key of a tenant table to another: own column to the parent's, clinic_id left out. */
export interface ParentKey {
  /** `schema.table` */
  readonly parent: string;
  /** Own column, quoted as in `Writable.columns`, and the parent's, as in the catalogue. */
  readonly columns: ReadonlyArray<readonly [own: string, parents: string]>;
}

/** A tenant table as the suite attacks it. */
export interface CanaryTable extends Writable {
  /** `schema.table`, for reports. */
  readonly title: string;
  /** Columns of the primary key besides clinic_id, as in the catalogue. */
  readonly keyColumns: readonly string[];
  readonly parents: readonly ParentKey[];
  /** The primary key of each clinic's canary row, as text by column; missing where no row could be planted. */
  readonly keys: Map<string, Readonly<Record<string, string>>>;
}

/** Every tenant table of the cell, parents before children. */
export const readCanaryTables = async (client: pg.ClientBase): Promise<CanaryTable[]> => {
  const { writable } = await readObjects(client);
  const { tables, foreignKeys } = await readCatalogue(client);
  const byName = new Map(writable.map((table) => [table.name, table]));
  return tables.flatMap((table) => {
    const known = byName.get(table.quoted);
    if (known === undefined) return [];
    const asQuoted = (column: string): string =>
      known.columns.find((quoted) => quoted === pg.escapeIdentifier(column)) ??
      known.columns.find((quoted) => quoted === column) ??
      column;
    const parents = foreignKeys
      .filter((key) => key.child === table.name && key.parent !== table.name)
      .map((key) => ({
        parent: key.parent,
        columns: key.childColumns.flatMap((own, at) =>
          own === 'clinic_id' ? [] : [[asQuoted(own), key.parentColumns[at] ?? ''] as const],
        ),
      }));
    const keyColumns = table.primaryKey.filter((column) => column !== 'clinic_id');
    return [{ ...known, title: table.name, keyColumns, parents, keys: new Map() }];
  });
};

/** SQL for the columns that refer to rows of a clinic, so that they refer to its canaries. */
export const parentValues = (
  tables: readonly CanaryTable[],
  table: CanaryTable,
  { clinicId }: ContextSubject,
): Record<string, string> => {
  // A column may have the name of a property of every object.
  const values: Record<string, string> = Object.create(null);
  for (const { parent, columns } of table.parents) {
    const key = tables.find(({ title }) => title === parent)?.keys.get(clinicId);
    for (const [own, parents] of columns) {
      const value = key?.[parents];
      if (value !== undefined) values[own] = pg.escapeLiteral(value);
    }
  }
  return values;
};
