import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { tableName } from '../../../data-plane/database/table-name.js';
import { blindIndex } from '../../../data-plane/keys/blind-index.js';
import { encryptField, fieldKey } from '../../../data-plane/keys/field-envelope.js';
import type { TenantKey } from '../../../data-plane/keys/tenant-key.js';

/** A name of a kind that Postgres takes and programs trip over, each with the type of a column that has it. */
const COLUMNS: Readonly<Record<string, string>> = {
  patientId: 'uuid',
  updatedAt: 'timestamptz',
  'a b': 'text',
  'qu"ote': 'text',
  "apo'strophe": 'text',
  'dot.ted': 'text',
  'equals=': 'text',
  'back\\slash': 'text',
  'per%1$scent': 'text',
  'new\nline': 'text',
  $1: 'text',
  'á-ñ-من-日本': 'text',
  ['ñ'.repeat(31)]: 'text',
  select: 'text',
  1: 'integer',
  '1e5': 'numeric',
  '-1': 'text',
  constructor: 'text',
  toString: 'text',
  'is taken': 'text',
  'is needed': 'text',
  import_file: 'text',
  import_line: 'text',
  import_bad: 'text',
  import_faults: 'text',
  key: 'text',
  rows: 'text',
  n: 'integer',
  at: 'text',
  Nota_sealed: 'bytea',
  Nota_index: 'bytea',
  '=cmd': 'text',
};
const SCHEMA = 'Sh"op 1.a/b';
export const PARENT = tableName({ schema: SCHEMA, table: '../Order.Items ñ' });
export const CHILD = tableName({ schema: SCHEMA, table: 'ñ'.repeat(31) });

const name = pg.escapeIdentifier;
export const [PARENT_SQL, CHILD_SQL] = [
  `${name(SCHEMA)}.${name('../Order.Items ñ')}`,
  `${name(SCHEMA)}.${name('ñ'.repeat(31))}`,
];
const ENUM = `${name(SCHEMA)}.${name('Es"tado [] 1')}`;

/** Two tables, one of which refers to the other, in which everything has such a name. */
export const createAnyNames = async (admin: pg.Pool): Promise<void> => {
  const columns = [...Object.entries(COLUMNS), ['__proto__', 'text'] as const];
  await admin.query(`
    CREATE SCHEMA ${name(SCHEMA)};
    ALTER SCHEMA ${name(SCHEMA)} OWNER TO ringfence_owner;
    CREATE TYPE ${ENUM} AS ENUM ('a"b', 'c,d', 'É');
    CREATE TABLE ${PARENT_SQL} (clinic_id uuid NOT NULL, "Id.1" uuid NOT NULL, "Es tado" ${ENUM} NOT NULL DEFAULT 'É', "Es[]" ${ENUM}[],
      ${columns.map(([column, type]) => `${name(column)} ${type}`).join(', ')},
      CONSTRAINT "pk "" .1" PRIMARY KEY (clinic_id, "Id.1"), CONSTRAINT "UNIQUE" UNIQUE (clinic_id, "1"),
      CONSTRAINT "per%cent"" check" CHECK ("1" > 0 AND "qu""ote" <> ''));
    COMMENT ON COLUMN ${PARENT_SQL}."Nota_index" IS 'blind index: name';
    CREATE TABLE ${CHILD_SQL} (clinic_id uuid NOT NULL, "__proto__" text DEFAULT gen_random_uuid()::text, "of order" uuid,
      "constructor" text NOT NULL, PRIMARY KEY (clinic_id, "__proto__"),
      CONSTRAINT "refers = to" FOREIGN KEY (clinic_id, "of order") REFERENCES ${PARENT_SQL});`);
  for (const table of [PARENT_SQL, CHILD_SQL]) await admin.query('SELECT ringfence.protect($1)', [table]);
};

/** Four rows of one table, with two each that refer to them. @returns ids of the first */
export const plantAnyNames = async (
  admin: pg.Pool,
  clinicId: string,
  tenantKey: TenantKey,
): Promise<string[]> => {
  const key = fieldKey(tenantKey, clinicId);
  const index = blindIndex(tenantKey, clinicId);
  const ids: string[] = [];
  for (let row = 1; row <= 4; row++) {
    const id = randomUUID();
    const values = Object.entries(COLUMNS).map(([column, type]): unknown => {
      if (column === 'Nota_sealed')
        return encryptField(key, { table: PARENT, column, rowId: id }, `nota ${row}`);
      if (column === 'Nota_index') return index.name(`nota ${row}`);
      if (type === 'text') return `${column} ${row}`;
      if (type === 'timestamptz') return `2026-03-0${row}T09:00:00Z`;
      return type === 'uuid' ? id : row;
    });
    const columns = ['clinic_id', 'Id.1', 'Es tado', ...Object.keys(COLUMNS), '__proto__'];
    const all = [clinicId, id, 'a"b', ...values, `proto ${row}`];
    await admin.query(
      `INSERT INTO ${PARENT_SQL} (${columns.map(name).join(', ')}) VALUES (${all.map((_, at) => `$${at + 1}`).join(', ')})`,
      all,
    );
    await admin.query(
      `INSERT INTO ${CHILD_SQL} (clinic_id, "of order", "constructor") SELECT $1, $2, 'c' || n FROM generate_series(1, 2) n`,
      [clinicId, id],
    );
    ids.push(id);
  }
  return ids;
};

/** Every row of a clinic in both tables, without what makes it the clinic's. */
export const anyRows = async (admin: pg.Pool, clinicId: string): Promise<string[]> => {
  const { rows } = await admin.query<{ row: string }>(
    `SELECT (to_jsonb(t) - 'clinic_id' - 'Nota_sealed' - 'Nota_index')::text AS row FROM ${PARENT_SQL} t WHERE clinic_id = $1
     UNION ALL SELECT (to_jsonb(t) - 'clinic_id')::text FROM ${CHILD_SQL} t WHERE clinic_id = $1 ORDER BY 1`,
    [clinicId],
  );
  return rows.map(({ row }) => row);
};
