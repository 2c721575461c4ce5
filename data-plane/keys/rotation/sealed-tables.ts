import { readFileSync } from 'node:fs';
import pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { tableName } from '../../database/table-name.js';
import type { BlindIndexKind } from '../blind-index.js';

/** A sealed column, with the blind index that is made from the same text. */
interface SealedField {
  readonly column: string;
  readonly index: { readonly column: string; readonly kind: BlindIndexKind } | null;
}

/** A tenant table with sealed columns. Its primary key is `(clinic_id, key)`, and `key` as text is the row's id. */
export interface SealedTable {
  /** As in the envelopes' additional data. */
  readonly name: string;
  readonly quoted: string;
  /** Quoted. */
  readonly key: string;
  readonly keyType: string;
  readonly fields: readonly SealedField[];
}

interface ColumnRow {
  /** As `tableName` gives it. */
  readonly table: string;
  readonly quoted: string;
  readonly primaryKey: readonly string[];
  readonly keyType: string | null;
  readonly column: string;
  readonly kind: string | null;
}

const COLUMNS = readFileSync(new URL('./queries/sealed-columns.sql', import.meta.url), 'utf8');

/**
 * Reads the sealed columns of the cell: bytea columns of tenant tables named `*_sealed`. A bytea column `x_index` is
 * the blind index of `x_sealed`; its comment, `blind index: name` or `blind index: phone`, declares how it is made.
 *
 * @throws RingfenceError schema_unsafe for a key or an index that the envelopes or indexes cannot be made again with.
 */
export const readSealedTables = async (client: pg.ClientBase): Promise<SealedTable[]> => {
  const found = await client.query<ColumnRow & { readonly schema: string }>(COLUMNS);
  const rows = found.rows.map((row) => ({ ...row, table: tableName(row) }));
  return [...new Set(rows.map(({ table }) => table))].map((name) =>
    tableOf(
      name,
      rows.filter(({ table }) => table === name),
    ),
  );
};

const tableOf = (name: string, columns: readonly ColumnRow[]): SealedTable => {
  const [{ primaryKey, keyType, quoted }] = columns as [ColumnRow];
  const [clinic, key, ...more] = primaryKey;
  if (clinic !== 'clinic_id' || key === undefined || keyType === null || more.length > 0) {
    throw new RingfenceError(
      'schema_unsafe',
      `${name} has sealed columns and no primary key (clinic_id, id)`,
      {
        fix: `ALTER TABLE ${quoted} ADD PRIMARY KEY (clinic_id, id); the row id is part of each envelope`,
      },
    );
  }
  const sealed = columns.filter(({ column }) => column.endsWith('_sealed'));
  const indexes = columns.filter(({ column }) => column.endsWith('_index'));
  const fields = sealed.map(({ column }): SealedField => {
    const index = indexes.find((candidate) => stemOf(candidate.column) === stemOf(column));
    return { column, index: index ? { column: index.column, kind: kindOf(index) } : null };
  });
  const orphan = indexes.find(({ column }) => !fields.some(({ index }) => index?.column === column));
  if (orphan) {
    throw new RingfenceError('schema_unsafe', `${name}.${orphan.column} has no sealed column beside it`, {
      fix: `name it after the column that it indexes: ${stemOf(orphan.column)}_sealed`,
    });
  }
  return { name, quoted, key: pg.escapeIdentifier(key), keyType, fields };
};

const kindOf = ({ quoted, column, table, kind }: ColumnRow): BlindIndexKind => {
  if (kind === 'name' || kind === 'phone') return kind;
  throw new RingfenceError('schema_unsafe', `how ${table}.${column} is made is not declared`, {
    fix: `COMMENT ON COLUMN ${quoted}.${pg.escapeIdentifier(column)} IS 'blind index: name'; or 'blind index: phone'`,
  });
};

const stemOf = (column: string): string => column.replace(/_(?:sealed|index)$/, '');
