import pg from 'pg';
import type { ArchiveSection } from '../archive/manifest.js';
import type { OpenArchive } from '../archive/reader.js';
import { refused } from '../archive/refused.js';
import { type BinaryRow, keepRows } from './binary-rows.js';
import { copyIn } from './copy.js';
import { columnList } from './identifiers.js';

/** Says whether a row is wanted. */
export type RowFilter = (row: BinaryRow) => boolean;

/** The rows of a section for which `keep` holds, as COPY BINARY. @throws RingfenceError backup_refused, as `keepRows` */
export async function* sectionRows(
  archive: OpenArchive,
  { name, columns, rows }: ArchiveSection,
  keep: RowFilter = () => true,
): AsyncGenerator<Buffer> {
  let read = 0;
  yield* keepRows({ name, fields: columns.length, bytes: archive.section(name) }, (row) => {
    read++;
    return keep(row);
  });
  if (read !== rows) throw refused(`section ${name} has ${read} rows, not ${rows} as its manifest says`);
}

/** Rows of a table, known by clinic once they have all been read. */
export interface ClinicRows {
  readonly bytes: AsyncIterable<Buffer>;
  /** Of every clinic of the backup, wanted or not. */
  count(): ReadonlyMap<string, number>;
}

/** The rows of a table that are wanted. Each one, wanted or not, is checked to be of a clinic of the backup. */
export const clinicRows = (
  archive: OpenArchive,
  section: ArchiveSection,
  clinicIds: readonly string[],
  wanted: RowFilter = () => true,
): ClinicRows => {
  const field = section.columns.indexOf('clinic_id');
  const clinics = clinicIds.map((id) => ({ id, uuid: binaryUuid(id), rows: 0 }));
  // Rows of a clinic come one after the other.
  let clinic = clinics[0];
  const bytes = sectionRows(archive, section, (row) => {
    if (!clinic || !hasUuid(row, field, clinic.uuid))
      clinic = clinics.find(({ uuid }) => hasUuid(row, field, uuid));
    if (!clinic) throw refused(`section ${section.name} has rows of a clinic that it is not of`);
    clinic.rows++;
    return wanted(row);
  });
  return { bytes, count: () => new Map(clinics.map(({ id, rows }) => [id, rows])) };
};

const binaryUuid = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

/** Compares words, which for millions of rows is much cheaper than a slice or a string of each. */
const hasUuid = ({ bytes, starts, lengths }: BinaryRow, field: number, uuid: Buffer): boolean => {
  const start = starts[field] ?? 0;
  if (lengths[field] !== uuid.length) return false;
  for (let at = 0; at < uuid.length; at += 4)
    if (bytes.readInt32BE(start + at) !== uuid.readInt32BE(at)) return false;
  return true;
};

/** COPY of a section's rows into a table. @throws RingfenceError backup_refused for values that no column can have. */
export const copySection = async (
  client: pg.ClientBase,
  { name, columns }: ArchiveSection,
  target: string,
  rows: AsyncIterable<Buffer>,
): Promise<void> => {
  try {
    await copyIn(client, `${target} (${columnList(columns)})`, rows);
  } catch (error) {
    throw asRefused(name, DATA_EXCEPTION, error);
  }
};

/** Classes of SQLSTATE that are the archive's fault where only the archive can be at fault. */
const DATA_EXCEPTION = '22';
export const INTEGRITY_VIOLATION = '23';

/** An error of that class as backup_refused; any other as it is. */
export const asRefused = (section: string, sqlStateClass: string, error: unknown): unknown =>
  error instanceof pg.DatabaseError && error.code?.startsWith(sqlStateClass)
    ? refused(`section ${section} does not load`, error)
    : error;
