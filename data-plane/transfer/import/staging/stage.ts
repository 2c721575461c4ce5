import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { RingfenceError } from '../../../../core/errors.js';
import { extraColumn, quoted } from '../../../backup/tenant/identifiers.js';
import { type CellValue, copyLine } from '../../../database/copy-text.js';
import { encryptField } from '../../../keys/field-envelope.js';
import { storedForm } from '../../../keys/stored-id.js';
import type { ImportKeys } from '../import-keys.js';
import type { Problems } from '../problems.js';
import type { TargetColumn, TargetTable } from '../target-tables.js';

/** A row of a file on its way in. */
export interface ImportRow {
  /** From 1. */
  readonly line: number;
  readonly clinicId: string;
  /** By the column's name: the text that its type is read from, or of a sealed one the text itself. */
  readonly values: ReadonlyMap<string, string | null>;
  /** Names of columns that a problem was told of already. */
  readonly bad: ReadonlySet<string>;
}

/** Rows of one table that give the same columns, in a temporary table. */
export interface Stage {
  readonly table: TargetTable;
  readonly columns: readonly TargetColumn[];
  /** Texts as they came; envelopes for sealed columns, so that no such text reaches the database's disk. */
  readonly raw: string;
  /** The same with the columns' types, made by `typeStage`. */
  readonly typed: string;
  readonly marks: StageMarks;
}

/** Columns of a stage besides those of its table, as SQL: where a row comes from, and which of its values are bad. */
interface StageMarks {
  readonly file: string;
  readonly line: string;
  /** Names of columns, as stored. */
  readonly bad: string;
  readonly faults: string;
}

/** Names that no column of the table has. */
const marksBeside = ({ columns }: TargetTable): StageMarks => {
  const taken = columns.flatMap(({ storedAs, index }) => [storedAs, ...(index ? [index.column] : [])]);
  const mark = (name: string): string => extraColumn(taken, name);
  return {
    file: mark('import_file'),
    line: mark('import_line'),
    bad: mark('import_bad'),
    faults: mark('import_faults'),
  };
};

/** A file whose rows are being staged. `at` is its number in the import. */
export interface StagedFile {
  readonly path: string;
  readonly at: number;
}

export const createStage = async (
  client: pg.ClientBase,
  table: TargetTable,
  columns: readonly TargetColumn[],
  number: number,
): Promise<Stage> => {
  const raw = `import_raw_${number}`;
  const marks = marksBeside(table);
  const types = columns.flatMap((column) => [
    `${quoted(column.storedAs)} ${column.sealed ? 'bytea' : 'text'}`,
    ...(column.sealed && column.index ? [`${quoted(column.index.column)} bytea`] : []),
  ]);
  await client.query(
    `CREATE TEMP TABLE ${raw} (${[`${marks.file} integer`, `${marks.line} bigint`, 'clinic_id uuid', `${marks.bad} text[]`, ...types].join(', ')})
     ON COMMIT DROP`,
  );
  return { table, columns, raw, typed: `import_rows_${number}`, marks };
};

/** Copies the rows of a file into a stage as they come, sealed for their clinics. @returns how many. */
export const stageRows = async (
  client: pg.ClientBase,
  stage: Stage,
  file: StagedFile,
  rows: AsyncIterable<ImportRow>,
  keys: ImportKeys,
  problems: Problems,
): Promise<number> => {
  const copy = client.query(copyFrom(`COPY ${stage.raw} FROM STDIN (ENCODING 'UTF8')`));
  const done = finished(copy);
  done.catch(() => undefined);
  let staged = 0;
  try {
    for await (const row of rows) {
      staged += 1;
      const line = copyLine(cellsOf(stage, file, row, keys, problems));
      if (!copy.write(line)) await Promise.race([once(copy, 'drain'), done]);
    }
    copy.end();
    await done;
    return staged;
  } catch (error) {
    copy.destroy();
    await done.catch(() => undefined);
    throw error;
  }
};

const cellsOf = (
  { table, columns }: Stage,
  file: StagedFile,
  row: ImportRow,
  keys: ImportKeys,
  problems: Problems,
): CellValue[] => {
  const bad = new Set(row.bad);
  const tell = (column: TargetColumn, message: string): null => {
    problems.add({ file: file.path, line: row.line, column: column.name, message });
    bad.add(column.name);
    return null;
  };
  const values = columns.map((column) => {
    const value = row.values.get(column.name) ?? null;
    if (value === null || bad.has(column.name)) return null;
    if (/\0|\p{Surrogate}/u.test(value))
      return tell(column, 'holds a NUL or half a character, which no text has: take it out, or export again');
    const fault = isKey(table, column) ? keyFault(table, column.type, value) : undefined;
    return fault === undefined ? value : tell(column, fault);
  });
  const rowId = values[columns.findIndex((column) => isKey(table, column))] ?? null;
  const clinic = keys(row.clinicId);
  const cells: CellValue[] = columns.flatMap((column, at): CellValue[] => {
    const text = values[at] ?? null;
    if (!column.sealed) return [text];
    const none = column.index ? [null, null] : [null];
    if (text === null) return none;
    if (rowId === null) {
      // The envelope is bound to the row's key; that the key is missing is told already.
      bad.add(column.name);
      return none;
    }
    try {
      const place = { table: table.name, column: column.storedAs, rowId };
      const envelope = encryptField(clinic.field, place, text);
      return column.index ? [envelope, clinic.index[column.index.kind](text)] : [envelope];
    } catch (error) {
      if (!(error instanceof RingfenceError)) throw error;
      tell(column, `cannot be encrypted: ${error.message}`);
      return none;
    }
  });
  const badStored = columns
    .filter(({ name }) => bad.has(name))
    .map(({ storedAs }) => `"${storedAs.replace(/["\\]/g, '\\$&')}"`);
  return [file.at, row.line, row.clinicId, `{${badStored.join(',')}}`, ...cells];
};

const isKey = ({ primaryKey }: TargetTable, { storedAs }: TargetColumn): boolean =>
  primaryKey.includes(storedAs);

/** Keys are in the form that Postgres writes them in, because envelopes are bound to that. */
const keyFault = ({ columns }: TargetTable, type: string, value: string): string | undefined => {
  const form = storedForm(type);
  if (form === undefined || form.test(value)) return undefined;
  if (type === 'uuid') return 'is not a UUID in lower case';
  if (/^(?:smallint|integer|bigint)$/.test(type)) return 'is not a whole number';
  return columns.some(({ sealed }) => sealed)
    ? `is not written as the database stores it: ${type}, and sealed columns are bound to it`
    : undefined;
};
