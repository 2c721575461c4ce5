import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { type BackupTable, readCatalogue } from '../../backup/tenant/catalogue.js';
import { tableFile } from '../../database/table-name.js';
import { readSealedTables, type SealedTable } from '../../keys/rotation/sealed-tables.js';
import type { ValueKind } from './exact-value.js';

/** A column of an export. `name` is that in the files, `storedAs` that in the database. */
interface ExportColumn {
  readonly name: string;
  readonly storedAs: string;
  /** As Postgres writes it; of an encrypted column that of its text. */
  readonly type: string;
  readonly nullable: boolean;
  readonly encrypted: boolean;
  readonly description: string | null;
}

/** A table as docs/formats.md, "Export" describes it. */
export interface TableDescription {
  readonly table: string;
  /** The files with its rows are this and an extension. */
  readonly file: string;
  readonly description: string | null;
  /** Names of the files' columns, as in `columns`. */
  readonly primaryKey: readonly string[];
  readonly columns: readonly ExportColumn[];
  readonly references: readonly {
    readonly columns: readonly string[];
    readonly table: string;
    readonly to: readonly string[];
  }[];
  /** CHECK constraints. */
  readonly rules: readonly string[];
}

/** A tenant table with what reading it takes. */
export interface ExportTable {
  readonly description: TableDescription;
  readonly source: BackupTable;
  /** Of each column, by its stored name. */
  readonly kinds: ReadonlyMap<string, ValueKind>;
  /** Of tables with sealed columns. */
  readonly sealed: SealedTable | undefined;
}

interface CatalogueRow {
  readonly oid: string;
  readonly description: string | null;
  readonly rules: readonly string[];
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly nullable: boolean;
    readonly description: string | null;
    readonly kind: ValueKind;
  }[];
}

const DICTIONARY = readFileSync(new URL('./queries/dictionary.sql', import.meta.url), 'utf8');

/** Every tenant table of the cell, parents before children. */
export const readExportTables = async (client: pg.ClientBase): Promise<ExportTable[]> => {
  const { tables, foreignKeys } = await readCatalogue(client);
  const sealedTables = await readSealedTables(client);
  const { rows } = await client.query<CatalogueRow>(DICTIONARY);
  return tables.flatMap((source) => {
    const known = rows.find(({ oid }) => oid === source.oid);
    if (known === undefined) return [];
    const sealed = sealedTables.find(({ name }) => name === source.name);
    const references = foreignKeys
      .filter(({ child }) => child === source.name)
      .map(({ childColumns, parent, parentColumns }) => ({
        columns: childColumns,
        table: parent,
        to: parentColumns,
      }));
    const { description, rules } = known;
    const { name: table, primaryKey } = source;
    return [
      {
        source,
        sealed,
        kinds: new Map(known.columns.map(({ name, kind }) => [name, kind])),
        description: {
          table,
          file: tableFile(table),
          description,
          primaryKey,
          columns: columnsOf(known, sealed),
          references,
          rules,
        },
      },
    ];
  });
};

const columnsOf = ({ columns }: CatalogueRow, sealed: SealedTable | undefined): ExportColumn[] => {
  const fields = sealed?.fields ?? [];
  const taken = new Set(columns.map(({ name }) => name));
  return columns
    .filter(({ name }) => !fields.some(({ index }) => index?.column === name))
    .map(({ name: storedAs, kind: _, ...column }) => {
      const encrypted = fields.some((field) => field.column === storedAs);
      const plain = storedAs.replace(/_sealed$/, '');
      return {
        ...column,
        name: encrypted && plain !== '' && !taken.has(plain) ? plain : storedAs,
        storedAs,
        type: encrypted ? 'text' : column.type,
        encrypted,
      };
    });
};
