import { RingfenceError } from '../../../core/errors.js';
import { csvRows } from './csv/csv-rows.js';
import { detectEncoding } from './csv/detect-encoding.js';
import type { Encoding } from './csv/encodings.js';
import { type ExportFile, exportColumns, exportRows } from './export/export-rows.js';
import { type ReadManifest, readManifest, rowsPath } from './export/read-manifest.js';
import { fitMapping } from './mapping/fit-mapping.js';
import { loadMapping } from './mapping/load-mapping.js';
import type { ImportProblem } from './problems.js';
import type { ImportSource } from './source/source.js';
import type { ImportRow } from './staging/stage.js';
import type { TargetClinics } from './target-clinics.js';
import type { TargetColumn, TargetTable, TargetTables } from './target-tables.js';

/** A file that is read, with what its rows fill. */
interface PlannedFile {
  readonly path: string;
  readonly table: TargetTable;
  readonly columns: readonly TargetColumn[];
  /** Of a CSV file, where it could be told. */
  readonly encoding?: Encoding;
  rows(tell: (problem: ImportProblem) => void): AsyncIterable<ImportRow>;
}

/** What an import is about to read. */
export interface ImportPlan {
  readonly files: readonly PlannedFile[];
  /** Tables of an export whose rows only the platform writes, with the rows that stay out. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** What the audit log is told besides the numbers of rows. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface PlanOptions {
  readonly source: ImportSource;
  readonly clinics: TargetClinics;
  readonly target: TargetTables;
  /** Slugs of the tenant by those of the export, where they differ. */
  readonly clinicNames: ReadonlyMap<string, string>;
}

/**
 * An export: all its checksums are verified before anything else is read.
 *
 * @throws RingfenceError import_refused; import_invalid for tables that the cell has not; as `TargetClinics`.
 */
export const planExport = async (options: PlanOptions): Promise<ImportPlan> => {
  const { source, clinics, target, clinicNames } = options;
  if (!source.files.has('manifest.json'))
    throw new RingfenceError('usage', 'this is no export: it has no manifest.json', {
      fix: 'CSV files need a mapping: --mapping <file.yaml>',
    });
  const manifest = await readManifest(source);
  requireKnownClinics(manifest, clinicNames);
  const leftOut: Record<string, number> = {};
  const files: PlannedFile[] = [];
  for (const table of target.tables) {
    for (const clinic of manifest.clinics) {
      if (clinic.tables[table.name] === undefined) continue;
      const { id: toClinicId } = clinics.get(clinicNames.get(clinic.slug) ?? clinic.slug);
      const path = rowsPath(clinic.slug, table.name);
      if (source.files.get(path) === 0) continue;
      files.push(await exportFile(source, { path, table, fromClinicId: clinic.id, toClinicId }));
    }
  }
  const known = new Set([...target.tables.map(({ name }) => name), ...target.leftOut]);
  for (const { tables } of manifest.clinics) {
    for (const [name, rows] of Object.entries(tables)) {
      if (target.leftOut.has(name) && rows > 0) leftOut[name] = (leftOut[name] ?? 0) + rows;
      if (!known.has(name) && rows > 0) throw unknownTable(name);
    }
  }
  const { id, tenant } = manifest;
  return { files, leftOut, detail: { export: id, from: tenant.id } };
};

/** CSV files, as a mapping reads them. @throws RingfenceError import_invalid with every mistake of the mapping. */
export const planMapping = async (options: PlanOptions, mappingPath: string): Promise<ImportPlan> => {
  const { source, clinics, target } = options;
  const { mapping, invalid } = loadMapping(mappingPath);
  const { files, problems } = fitMapping(mapping, source, target);
  if (problems.length > 0) throw invalid(problems);
  const planned: PlannedFile[] = [];
  for (const fitted of files) {
    const detected = await detectEncoding(source, fitted.path, fitted.encoding);
    planned.push({
      path: fitted.path,
      table: fitted.table,
      columns: fitted.columns.map(({ column }) => column),
      ...('fault' in detected ? {} : { encoding: detected.encoding }),
      rows: (tell) => csvRows(source, { fitted, detected, clinics, timeZone: mapping.timeZone }, tell),
    });
  }
  return { files: planned, leftOut: {}, detail: { csv: files.length } };
};

const exportFile = async (source: ImportSource, file: ExportFile): Promise<PlannedFile> => {
  const columns = await exportColumns(source, file);
  const { path, table } = file;
  return { path, table, columns, rows: (tell) => exportRows(source, file, columns, tell) };
};

const requireKnownClinics = ({ clinics }: ReadManifest, names: ReadonlyMap<string, string>): void => {
  const unknown = [...names.keys()].find((name) => !clinics.some(({ slug }) => slug === name));
  if (unknown === undefined) return;
  throw new RingfenceError('usage', `the export has no clinic ${unknown}`, {
    fix: `choose from: ${clinics.map(({ slug }) => slug).join(', ')}`,
  });
};

const unknownTable = (name: string): RingfenceError =>
  new RingfenceError('import_invalid', `the export has rows of ${name}, which this cell has not`, {
    fix: 'make the table there first, and protect it',
  });
