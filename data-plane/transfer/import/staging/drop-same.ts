import pg from 'pg';
import { equalColumns, quoted } from '../../../backup/tenant/identifiers.js';
import type { FieldPlace } from '../../../keys/field-place.js';
import type { Finding } from './findings.js';
import type { Stage } from './stage.js';

const BATCH_ROWS = 500;

interface ThereRow {
  readonly at: string;
  readonly file: number;
  readonly line: string;
  readonly clinicId: string;
  readonly rowId: string;
  /** Stored names of columns that differ, sealed ones aside. */
  readonly differs: string[];
  /** The staged and the live envelope of each sealed column. */
  readonly sealed: readonly (string | null)[];
}

/** Opens an envelope of a clinic, of any version of the tenant's key. */
export type OpenIn = (clinicId: string) => (place: FieldPlace, envelope: Buffer) => string;

/**
 * Takes rows out of a stage that are in the clinic already, so that the same import again changes nothing. They are the
 * same when every column that the import gives is; sealed columns are compared by their texts.
 *
 * @returns how many went, and those that are there with other values.
 */
export const dropSame = async (
  client: pg.ClientBase,
  stage: Stage,
  openIn: OpenIn,
): Promise<{ readonly same: number; readonly other: Finding[] }> => {
  const { table, typed, columns, marks } = stage;
  const sealed = columns.filter((column) => column.sealed);
  const plain = columns.filter((column) => !column.sealed && !table.primaryKey.includes(column.storedAs));
  const differing = plain.map(
    ({ storedAs, type }) =>
      // A stage has the type beneath a domain.
      `CASE WHEN NOT ROW(${quoted(storedAs, 'l')})::record OPERATOR(pg_catalog.*=) ROW(${quoted(storedAs, 'r')}::${type})::record THEN ${pg.escapeLiteral(storedAs)} END`,
  );
  const envelopes = sealed.flatMap(({ storedAs }) =>
    ['r', 'l'].map((alias) => `encode(${quoted(storedAs, alias)}, 'hex')`),
  );
  const rowId = table.primaryKey[1] === undefined ? `''` : `${quoted(table.primaryKey[1], 'r')}::text`;
  await client.query(
    `DECLARE there NO SCROLL CURSOR FOR
       SELECT r.ctid::text AS at, r.${marks.file} AS file, r.${marks.line} AS line, r.clinic_id AS "clinicId", ${rowId} AS "rowId",
              array_remove(ARRAY[${differing.join(', ')}]::text[], NULL) AS differs, ARRAY[${envelopes.join(', ')}]::text[] AS sealed
         FROM ${typed} r
         JOIN ${table.quoted} l ON ${equalColumns({ alias: 'l', columns: table.primaryKey }, { alias: 'r', columns: table.primaryKey })}`,
  );
  let gone = 0;
  const other: Finding[] = [];
  while (true) {
    const { rows } = await client.query<ThereRow>(`FETCH ${BATCH_ROWS} FROM there`);
    const same: string[] = [];
    for (const row of rows) {
      const open = openIn(row.clinicId);
      const texts = sealed.map(({ storedAs }, at) => {
        const place = { table: table.name, column: storedAs, rowId: row.rowId };
        const [staged, live] = row.sealed.slice(2 * at, 2 * at + 2);
        return [staged, live].map((hex) => (hex == null ? null : open(place, Buffer.from(hex, 'hex'))));
      });
      const differs = [
        ...row.differs,
        ...sealed.filter((_, at) => texts[at]?.[0] !== texts[at]?.[1]).map(({ storedAs }) => storedAs),
      ];
      if (differs.length === 0) same.push(row.at);
      else other.push(...differs.map((column) => finding(row, column)));
    }
    // The cursor reads the stage as it was when it was opened.
    await client.query(`DELETE FROM ${typed} WHERE ctid = ANY ($1::tid[])`, [same]);
    gone += same.length;
    if (rows.length < BATCH_ROWS) break;
  }
  await client.query('CLOSE there');
  return { same: gone, other };
};

const finding = ({ file, line }: ThereRow, column: string): Finding => ({
  file,
  line: Number(line),
  column,
  message: 'differs from the row of the same key that the clinic has already',
});
