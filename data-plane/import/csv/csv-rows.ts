import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { RingfenceError } from '../../../tenants/errors.js';
import type { FittedFile } from '../mapping/fit-mapping.js';
import { readValue } from '../mapping/read-value.js';
import { rowIdOf } from '../mapping/row-id.js';
import type { ImportProblem } from '../problems.js';
import { decodedText, type ImportSource } from '../source/source.js';
import type { ImportRow } from '../staging/stage.js';
import type { TargetClinic, TargetClinics } from '../target-clinics.js';

/** A row is not longer: a few fields of at most a MiB. */
const RECORD_BYTES = 64 * 1024 * 1024;

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** What a row's columns are read with. */
interface RowContext {
  readonly fitted: FittedFile;
  readonly clinics: TargetClinics;
  /** Of the mapping; else that of the clinic. */
  readonly timeZone: string | undefined;
}

/** The rows of a CSV file (RFC 4180, UTF-8 with or without a byte order mark) as its mapping reads them. */
export async function* csvRows(
  source: ImportSource,
  context: RowContext,
  tell: (problem: ImportProblem) => void,
): AsyncGenerator<ImportRow> {
  const { file } = context.fitted;
  const problem = (line: number | null, column: string | null, message: string): void =>
    tell({ file: file.file, line, column, message });
  let header: ReadonlyMap<string, number> | undefined;
  let width = 0;
  try {
    for await (const { line, cells } of records(source, context.fitted)) {
      if (header === undefined) {
        width = cells.length;
        header = readHeader(cells, context.fitted, (message) => problem(line, null, message));
        if (header === undefined) return;
      } else if (cells.length !== width) {
        problem(line, null, `has ${cells.length} cells, and the header ${width}`);
      } else {
        const row = readRow(context, header, line, cells, (column, message) =>
          problem(line, column, message),
        );
        if (row !== undefined) yield row;
      }
    }
    if (header === undefined) problem(null, null, 'is empty; the first line must name the columns');
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const at = (error as { lines?: unknown }).lines;
    problem(typeof at === 'number' ? at : null, null, `is not CSV: ${wordsOf(error.code)}`);
  }
}

/** The first line of each record, which may go over several. */
async function* records(source: ImportSource, { file, separator }: FittedFile): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: true,
    delimiter: separator,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: RECORD_BYTES,
  });
  const text = Readable.from(decodedText(source, file.file));
  text.on('error', (error) => parser.destroy(error));
  text.pipe(parser);
  let last = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      yield { line: last + 1, cells: record };
      last = info.lines;
    }
  } finally {
    text.destroy();
  }
}

/** Where each mapped column is. Undefined where one is missing or is there twice, each of which is told. */
const readHeader = (
  cells: readonly string[],
  { file, columns }: FittedFile,
  tell: (message: string) => void,
): ReadonlyMap<string, number> | undefined => {
  const wanted = new Set([
    ...columns.flatMap(({ spec }) => [
      ...(spec.column === undefined ? [] : [spec.column]),
      ...(spec.id ?? []),
    ]),
    ...(file.clinic.column === undefined ? [] : [file.clinic.column]),
  ]);
  const names = cells.map((cell) => cell.trim());
  let isWhole = true;
  for (const name of wanted) {
    const count = names.filter((cell) => cell === name).length;
    if (count === 1) continue;
    isWhole = false;
    tell(`the header has ${count === 0 ? 'no' : count} columns ${JSON.stringify(name)}`);
  }
  return isWhole ? new Map(names.map((name, at) => [name, at])) : undefined;
};

const readRow = (
  { fitted, clinics, timeZone }: RowContext,
  header: ReadonlyMap<string, number>,
  line: number,
  cells: readonly string[],
  tell: (column: string | null, message: string) => void,
): ImportRow | undefined => {
  const cellOf = (name: string): string => cells[header.get(name) ?? -1] ?? '';
  const clinic = clinicOf(fitted, clinics, cellOf, tell);
  if (clinic === undefined) return undefined;
  const values = new Map<string, string | null>();
  const bad = new Set<string>();
  for (const { column, spec } of fitted.columns) {
    if (spec.id !== undefined) {
      const texts = spec.id.map((name) => cellOf(name).trim());
      const isEmpty = texts.every((text) => text === '');
      values.set(column.name, isEmpty ? null : rowIdOf(clinic.id, spec.of ?? fitted.table.name, texts));
      continue;
    }
    const cell = spec.column === undefined ? (spec.value ?? '') : cellOf(spec.column);
    const read = readValue(cell, spec, column.type, spec.timeZone ?? timeZone ?? clinic.timeZone);
    if ('fault' in read) {
      tell(column.name, read.fault);
      bad.add(column.name);
    }
    values.set(column.name, 'fault' in read ? null : read.text);
  }
  return { line, clinicId: clinic.id, values, bad };
};

const clinicOf = (
  { file }: FittedFile,
  clinics: TargetClinics,
  cellOf: (name: string) => string,
  tell: (column: string | null, message: string) => void,
): TargetClinic | undefined => {
  const { slug, column, map } = file.clinic;
  if (slug !== undefined) return clinics.get(slug);
  const cell = cellOf(column ?? '').trim();
  const named = map === undefined ? cell : map.get(cell);
  if (named == null) {
    tell(null, 'names a clinic that the map has not');
    return undefined;
  }
  try {
    return clinics.get(named);
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error;
    tell(null, `names a clinic that takes no rows (${error.code})`);
    return undefined;
  }
};

const WORDS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote that is opened here is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'a quote within a quoted cell is not doubled',
  INVALID_OPENING_QUOTE: 'a quote stands within a cell that does not begin with one',
  CSV_MAX_RECORD_SIZE: 'a row is too long; is a quote not closed?',
};

const wordsOf = (code: string): string => WORDS[code] ?? `its parser says ${code}`;
