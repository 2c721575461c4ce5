import { JSON_NULLS } from '../../export/json-lines.js';
import type { ImportProblem } from '../problems.js';
import { decodedText, type ImportSource, refused } from '../source/source.js';
import type { ImportRow } from '../staging/stage.js';
import type { TargetColumn, TargetTable } from '../target-tables.js';
import { columnText } from './column-text.js';
import { type JsonPart, jsonParts } from './json-parts.js';

/** A line is not longer: a row has a few fields of at most a MiB. */
const LINE_CHARACTERS = 64 * 1024 * 1024;

/** One JSON Lines file of an export, and the clinics that its rows leave and enter. */
export interface ExportFile {
  readonly path: string;
  readonly table: TargetTable;
  readonly fromClinicId: string;
  readonly toClinicId: string;
}

/**
 * The columns that the file's rows give, as the first one does.
 *
 * @throws RingfenceError import_refused for a first line that is no row of this table.
 */
export const exportColumns = async (source: ImportSource, file: ExportFile): Promise<TargetColumn[]> => {
  for await (const line of linesOf(source, file.path)) {
    const names = new Set(membersOf(line)?.map(({ name }) => name));
    return file.table.columns.filter(({ name }) => names.has(name));
  }
  return [];
};

/** The rows of the file. A row with columns that the table has not, or the first row had not, is a problem. */
export async function* exportRows(
  source: ImportSource,
  { path, table, fromClinicId, toClinicId }: ExportFile,
  columns: readonly TargetColumn[],
  tell: (problem: ImportProblem) => void,
): AsyncGenerator<ImportRow> {
  const known = new Map(columns.map((column) => [column.name, column]));
  let line = 0;
  for await (const text of linesOf(source, path)) {
    line += 1;
    if (text === '') continue;
    const problem = (column: string | null, message: string): void =>
      tell({ file: path, line, column, message });
    const members = membersOf(text);
    if (members === undefined) {
      problem(null, 'is not a JSON object');
      continue;
    }
    const nulls = jsonNulls(members);
    const values = new Map<string, string | null>();
    const bad = new Set<string>();
    let clinic: string | null | undefined;
    for (const { name, json } of members) {
      if (name === JSON_NULLS) continue;
      const column = known.get(name);
      const isClinic = name === 'clinic_id';
      if (values.has(name) || (isClinic && clinic !== undefined)) problem(shown(name), 'is given twice');
      else if (isClinic) clinic = columnText(json, 'uuid');
      else if (column === undefined)
        problem(shown(name), `is no column of ${table.name}, or not of the first row`);
      else {
        const value = columnText(json, column.type);
        if (value === undefined) {
          problem(name, `is not a value of the type ${column.type}`);
          bad.add(name);
        }
        values.set(name, nulls.has(name) ? 'null' : (value ?? null));
      }
    }
    for (const { name } of columns)
      if (!values.has(name)) {
        problem(name, 'is missing, but the first row has it');
        bad.add(name);
      }
    if (clinic !== fromClinicId) problem('clinic_id', 'is not the clinic that the file belongs to');
    yield { line, clinicId: toClinicId, values, bad };
  }
}

const membersOf = (text: string): ReturnType<typeof jsonParts> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? jsonParts(text) : undefined;
  } catch {
    return undefined;
  }
};

/** Names of columns whose null is JSON's. */
const jsonNulls = (members: readonly JsonPart[]): ReadonlySet<string> => {
  const listed = members.find(({ name }) => name === JSON_NULLS);
  const names: unknown = listed === undefined ? [] : JSON.parse(listed.json);
  return new Set(Array.isArray(names) ? names : []);
};

/** @throws RingfenceError import_refused for a file that is not UTF-8 or has a line that no row needs. */
async function* linesOf(source: ImportSource, path: string): AsyncGenerator<string> {
  let pending = '';
  for await (const part of decodedText(source, path)) {
    if (pending.length > LINE_CHARACTERS) throw refused(`${path} has a line that is too long`);
    if (!part.includes('\n')) {
      pending += part;
      continue;
    }
    const lines = (pending + part).split('\n');
    pending = lines.pop() ?? '';
    yield* lines;
  }
  if (pending !== '') yield pending;
}

const shown = (name: string): string => name.slice(0, 63);
