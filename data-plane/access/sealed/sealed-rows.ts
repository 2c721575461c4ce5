import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { quotedTable } from '../../database/table-name.js';
import type { ScopedClient } from '../context/scoped-client.js';
import { asText, type PlainRow } from './plain-row.js';
import { asSealed, rowIdOf, translateIdError } from './row-id.js';
import { rowSearch } from './row-search.js';
import { columnsOf, type SealedColumns } from './sealed-columns.js';
import type { RowFields } from './sealed-fields.js';

/** Writes and reads whole rows with plain names; what is sealed is encrypted and decrypted on the way. */
export interface SealedRows {
  /**
   * Inserts a row, making a random UUID its `id` where it has none. @returns its id.
   *
   * @throws RingfenceError `usage` for an id that the table stores in another way than it is given, such as an upper-case
   *   UUID: the row is sealed under it. The statement has failed then, so nothing of the run is saved.
   */
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
/** The column in which a found row has its id as text, beside the id in its own type. */
const ROW_ID = 'ringfence_row_id';

export const sealedRows = (declared: SealedColumns, fields: RowFields, client: ScopedClient): SealedRows => {
  /** Ids of the rows in which the user may read a sealed column, by the column's plain name. */
  const readableOf = async (table: string, found: readonly PlainRow[]) => {
    const readable = new Map<string, ReadonlySet<string>>();
    for (const [name, { sealed }] of Object.entries(columnsOf(declared, table))) {
      const ids = found.filter((row) => sealed in row).map((row) => storedIdOf(table, row));
      if (ids.length > 0) readable.set(name, await fields.readable(table, name, ids));
    }
    return readable;
  };

  const openRow = async (
    table: string,
    row: PlainRow,
    readable: ReadonlyMap<string, ReadonlySet<string>>,
  ): Promise<PlainRow> => {
    const { [ROW_ID]: _, ...plain }: Record<string, unknown> = row;
    for (const [name, { sealed, index }] of Object.entries(columnsOf(declared, table))) {
      if (index) delete plain[index.column];
      if (!(sealed in row)) continue;
      delete plain[sealed];
      const id = storedIdOf(table, row);
      if (!readable.get(name)?.has(id)) continue;
      const envelope = row[sealed];
      plain[name] = Buffer.isBuffer(envelope) ? await fields.open(table, name, id, envelope) : null;
    }
    return plain;
  };

  const rows: SealedRows = {
    insert: async (table, row) => {
      const sealedColumns = columnsOf(declared, table);
      const { id: given, ...columns } = row;
      const isMade = given === undefined || given === null;
      const id = isMade ? randomUUID() : rowIdOf(table, given);
      const written: Record<string, unknown> = { id };
      for (const [name, value] of Object.entries(columns)) {
        const column = Object.hasOwn(sealedColumns, name) ? sealedColumns[name] : undefined;
        if (!column || value === null) {
          written[column?.sealed ?? name] = value;
          continue;
        }
        const text = asText(table, name, value);
        written[column.sealed] = await fields.sealUnder(table, name, id, text);
        if (column.index) written[column.index.column] = await fields.index(table, name, text);
      }
      const names = Object.keys(written);
      const [idParameter, ...parameters] = names.map((_, position) => `$${position + 1}`);
      const statement = `INSERT INTO ${quotedTable(table)} (${names.map(pg.escapeIdentifier).join(', ')})
        VALUES (${[isMade ? `${idParameter}::uuid` : idParameter, ...parameters].join(', ')})
        RETURNING ${asSealed(`$${names.length + 1}`)}`;
      try {
        await client.query(statement, [...Object.values(written), id]);
      } catch (error) {
        throw translateIdError(table, isMade, error);
      }
      return id;
    },

    find: async (table, where) => {
      const { condition, values, isFound } = await rowSearch(declared, fields, table, where);
      const { rows: found } = await client.query(
        `SELECT *, id::text AS ${ROW_ID} FROM ${quotedTable(table)} WHERE ${condition} LIMIT ${FOUND_MAX}`,
        values,
      );
      const opened = await rows.open(table, found);
      return opened.filter((plain, at) => isFound(found[at] ?? {}, plain));
    },

    open: async (table, found) => {
      const readable = await readableOf(table, found);
      return Promise.all(found.map((row) => openRow(table, row, readable)));
    },
  };
  return rows;
};

const storedIdOf = (table: string, row: PlainRow): string => rowIdOf(table, row[ROW_ID] ?? row.id);
