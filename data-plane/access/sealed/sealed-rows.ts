import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { RingfenceError } from '../../../tenants/errors.js';
import type { ScopedClient } from '../context/scoped-client.js';
import { columnOf, columnsOf, type SealedColumns } from './sealed-columns.js';
import type { SearchedFields } from './sealed-fields.js';

/** A row by column; sealed columns under their plain names, as text. */
export type PlainRow = Readonly<Record<string, unknown>>;

/** Writes and reads whole rows with plain names; what is sealed is encrypted and decrypted on the way. */
export interface SealedRows {
  /** Inserts a row, making its `id` where it has none. @returns its id. */
  insert(table: string, row: PlainRow): Promise<string>;
  /**
   * The rows whose columns equal these values; a sealed column is found by its blind index, and an empty text by nobody.
   * At most 1,000.
   */
  find(table: string, where: PlainRow): Promise<PlainRow[]>;
  /**
   * Rows of `table` as a query gave them, decrypted. They need their `id`; sealed columns that are absent stay so, and
   * those that the user may not read are left out.
   */
  open(table: string, rows: readonly PlainRow[]): Promise<PlainRow[]>;
}

const FOUND_MAX = 1_000;

export const sealedRows = (
  declared: SealedColumns,
  fields: SearchedFields,
  client: ScopedClient,
): SealedRows => {
  const openRow = async (table: string, row: PlainRow): Promise<PlainRow> => {
    const plain: Record<string, unknown> = { ...row };
    for (const [name, { sealed, index }] of Object.entries(columnsOf(declared, table))) {
      if (index) delete plain[index.column];
      if (!(sealed in row)) continue;
      delete plain[sealed];
      if (!(await fields.mayOpen(table, name))) continue;
      const envelope = row[sealed];
      plain[name] = Buffer.isBuffer(envelope)
        ? await fields.open(table, name, String(row.id), envelope)
        : null;
    }
    return plain;
  };

  const rows: SealedRows = {
    insert: async (table, row) => {
      const sealedColumns = columnsOf(declared, table);
      const id = typeof row.id === 'string' ? row.id : randomUUID();
      const written: Record<string, unknown> = { id };
      for (const [name, value] of Object.entries(row)) {
        const column = Object.hasOwn(sealedColumns, name) ? sealedColumns[name] : undefined;
        if (!column || value === null) {
          written[column?.sealed ?? name] = value;
          continue;
        }
        const text = asText(table, name, value);
        written[column.sealed] = await fields.seal(table, name, id, text);
        if (column.index) written[column.index.column] = await fields.index(table, name, text);
      }
      const names = Object.keys(written);
      await client.query(
        `INSERT INTO ${quoted(table)} (${names.map(pg.escapeIdentifier).join(', ')})
         VALUES (${names.map((_, position) => `$${position + 1}`).join(', ')})`,
        Object.values(written),
      );
      return id;
    },

    find: async (table, where) => {
      const sealedColumns = columnsOf(declared, table);
      const searched: { readonly name: string; readonly text: string }[] = [];
      const conditions: string[] = [];
      const values: unknown[] = [];
      for (const [name, value] of Object.entries(where)) {
        if (!Object.hasOwn(sealedColumns, name)) {
          values.push(value);
          conditions.push(`${pg.escapeIdentifier(name)} = $${values.length}`);
          continue;
        }
        const text = asText(table, name, value);
        const mayCompare = await fields.mayOpen(table, name);
        values.push(await (mayCompare ? fields.candidates : fields.search)(table, name, text));
        const column = columnOf(declared, table, name).index?.column ?? name;
        conditions.push(`${pg.escapeIdentifier(column)} = ANY ($${values.length})`);
        if (mayCompare) searched.push({ name, text });
      }
      const { rows: found } = await client.query(
        `SELECT * FROM ${quoted(table)} WHERE ${conditions.join(' AND ') || 'true'} LIMIT ${FOUND_MAX}`,
        values,
      );
      const opened = await rows.open(table, found);
      return opened.filter((row) =>
        searched.every(({ name, text }) =>
          fields.isSameText(table, name, text, asText(table, name, row[name])),
        ),
      );
    },

    open: (table, found) => Promise.all(found.map((row) => openRow(table, row))),
  };
  return rows;
};

const quoted = (table: string): string => table.split('.').map(pg.escapeIdentifier).join('.');

const asText = (table: string, name: string, value: unknown): string => {
  if (typeof value === 'string') return value;
  throw new RingfenceError('usage', `${table}.${name} is sealed and takes text`);
};
