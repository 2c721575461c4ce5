import { CsvError } from 'csv-parse';
import { RingfenceError } from '../../../../core/errors.js';
import { identifierDamage } from '../mapping/cell-damage.js';
import type { FittedFile } from '../mapping/fit-mapping.js';
import { lengthFault, readValue } from '../mapping/read-value.js';
import { rowIdOf } from '../mapping/row-id.js';
import type { ColumnSpec } from '../mapping/schema.js';
import type { ImportProblem } from '../problems.js';
import type { ImportSource } from '../source/source.js';
import type { ImportRow } from '../staging/stage.js';
import type { TargetClinic, TargetClinics } from '../target-clinics.js';
import { type DetectedEncoding, decodeFile } from './detect-encoding.js';
import { type Header, readHeader } from './header.js';
import { type CsvRecord, readRecords } from './records.js';

/** What a row's columns are read with. */
interface RowContext {
  readonly fitted: FittedFile;
  readonly detected: DetectedEncoding;
  readonly clinics: TargetClinics;
  /** Of the mapping; else that of the clinic. */
  readonly timeZone: string | undefined;
}

/** The line that tells spreadsheets which separator follows. */
const SEPARATOR_LINE = /^sep=(.)$/i;

/** The rows of a CSV file (RFC 4180) as its mapping reads them. */
export async function* csvRows(
  source: ImportSource,
  context: RowContext,
  tell: (problem: ImportProblem) => void,
): AsyncGenerator<ImportRow> {
  const { fitted, detected } = context;
  const problem = (line: number | null, column: string | null, message: string): void =>
    tell({ file: fitted.path, line, column, message });
  if ('fault' in detected) return problem(null, null, detected.fault);
  let header: Header | undefined;
  try {
    const text = decodeFile(source, fitted.path, detected.encoding);
    for await (const record of readRecords(text, fitted.separator)) {
      const { line, cells } = record;
      if (header === undefined) {
        const separator = separatorOf(record, fitted.separator);
        if (separator === fitted.separator) continue;
        if (separator !== undefined)
          return problem(line, null, `names the separator "${separator}": say it in the mapping`);
        header = readHeader(cells, fitted, (message) => problem(line, null, message));
        if (header === undefined) return;
        continue;
      }
      const fault = shapeFault(cells, header);
      if (fault !== undefined) problem(line, null, fault);
      else {
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

const separatorOf = ({ line, cells }: CsvRecord, separator: string): string | undefined =>
  line === 1 ? SEPARATOR_LINE.exec(cells.join(separator).trim())?.[1] : undefined;

const shapeFault = (cells: readonly string[], header: Header): string | undefined => {
  if (cells.length !== header.width)
    return `has ${cells.length} cells, and the header ${header.width}: is a separator in a cell that is not quoted?`;
  if (header.isRepeatedBy(cells)) return 'is the header again: were several files joined? Take it out';
  const at = header.unnamed.find((unnamed) => cells[unnamed]?.trim() !== '');
  if (at === undefined) return undefined;
  return `has a value in column ${at + 1}, which has no name: is a separator in a cell that is not quoted?`;
};

const readRow = (
  { fitted, clinics, timeZone }: RowContext,
  header: Header,
  line: number,
  cells: readonly string[],
  tell: (column: string | null, message: string) => void,
): ImportRow | undefined => {
  const cellOf = (name: string): string => cells[header.at.get(name) ?? -1] ?? '';
  const clinic = clinicOf(fitted, clinics, cellOf, tell);
  if (clinic === undefined) return undefined;
  const values = new Map<string, string | null>();
  const bad = new Set<string>();
  for (const { column, spec } of fitted.columns) {
    if (spec.id !== undefined) {
      const cells = spec.id.map(cellOf);
      const texts = cells.map((cell) => cell.trim().normalize('NFC'));
      const fault = idFault(cells, texts, spec);
      if (fault !== undefined) {
        tell(column.name, fault);
        bad.add(column.name);
      }
      const isEmpty = texts.every((text) => text === '');
      values.set(column.name, isEmpty ? null : rowIdOf(clinic.id, spec.of ?? fitted.table.name, texts));
      continue;
    }
    const cell = spec.column === undefined ? (spec.value ?? '') : cellOf(spec.column);
    const zone = spec.timeZone ?? timeZone ?? clinic.timeZone;
    const damage = column.index?.kind === 'phone' ? identifierDamage(cell) : undefined;
    const read = damage === undefined ? readValue(cell, spec, column.type, zone) : { fault: damage };
    if ('fault' in read) {
      tell(column.name, read.fault);
      bad.add(column.name);
    }
    values.set(column.name, 'fault' in read ? null : read.text);
  }
  return { line, clinicId: clinic.id, values, bad };
};

const idFault = (
  cells: readonly string[],
  texts: readonly string[],
  spec: ColumnSpec,
): string | undefined => {
  const damage = cells.map(identifierDamage).find((fault) => fault !== undefined);
  if (damage !== undefined) return `is made of a cell that ${damage}`;
  const [only = ''] = texts;
  return only === '' ? undefined : lengthFault(only, spec);
};

const clinicOf = (
  { file }: FittedFile,
  clinics: TargetClinics,
  cellOf: (name: string) => string,
  tell: (column: string | null, message: string) => void,
): TargetClinic | undefined => {
  const { slug, column, map } = file.clinic;
  if (slug !== undefined) return clinics.get(slug);
  const cell = cellOf(column ?? '')
    .trim()
    .normalize('NFC');
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
