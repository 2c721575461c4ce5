import pg from 'pg';
import { RingfenceError } from '../../../../core/errors.js';
import { isName } from '../../../../core/postgres-name.js';
import { type Connection, inTransaction, withConnection } from '../../../database/connect.js';
import { tableFile, tableName } from '../../../database/table-name.js';
import type { BackupTable } from '../catalogue.js';
import { columnList } from '../identifiers.js';
import type { SchemaChange } from '../shape.js';
import { auditCopies, type CopiedTable, tablesToCopy } from './copied-rows.js';
import { inRestore, type Restore, type RestoreSource } from './in-restore.js';
import type { PlannedTable } from './scope.js';

const SCHEMA = /^restore_[0-9a-f]{8}$/;
const NAME_MAX_BYTES = 63;

export interface SchemaCopy {
  /** Of its own, in the cell's database. */
  readonly schema: string;
  /** `place` is `schema.table`. */
  readonly tables: readonly CopiedTable[];
  readonly changes: readonly SchemaChange[];
}

/**
 * Copies the rows of the scope, as they are in the backup, into tables of a new schema that only administrators may
 * read, to look at them. The tenant's own rows stay as they are; its clinics are told. The copy lasts until
 * `dropSchemaCopy`; backups and digests do not hold it.
 *
 * @throws RingfenceError as `inRestore`.
 */
export const restoreToSchema = (source: RestoreSource): Promise<SchemaCopy> =>
  inRestore(source, async (restore) => {
    const { client } = restore;
    const { rows } = await client.query<{ schema: string }>(
      `SELECT 'restore_' || left(replace(gen_random_uuid()::text, '-', ''), 8) AS schema`,
    );
    const schema = rows[0]?.schema ?? '';
    await client.query(`CREATE SCHEMA ${schema}`);
    const copies = [];
    const taken = new Set<string>();
    for (const planned of tablesToCopy(restore)) {
      const name = copyName(planned.table, taken);
      taken.add(name);
      copies.push({ planned, place: await copyTable(restore, source, planned, { schema, name }) });
    }
    const tables = await auditCopies(restore, source, 'scratch', copies);
    return { schema, tables, changes: restore.changes };
  });

const copyTable = async (
  { client }: Restore,
  { tenantId, backupId }: RestoreSource,
  { table, scratch }: PlannedTable,
  { schema, name }: { readonly schema: string; readonly name: string },
): Promise<string> => {
  const place = `${schema}.${pg.escapeIdentifier(name)}`;
  await client.query(`CREATE TABLE ${place} AS SELECT ${columnList(table.columns)} FROM ${scratch}`);
  await client.query(`ALTER TABLE ${place} ADD PRIMARY KEY (${columnList(table.primaryKey)})`);
  await client.query(
    'INSERT INTO ringfence.global_tables (schema_name, table_name, reason) VALUES ($1, $2, $3)',
    [schema, name, `${reasonOf(tenantId)} copied from backup ${backupId}; no application role may read it`],
  );
  return tableName({ schema, table: name });
};

/** `<schema>_<table>`; where that is too long or another one's, what `tableFile` makes of it. */
const copyName = (table: BackupTable, taken: ReadonlySet<string>): string => {
  const name = `${table.schema}_${table.table}`;
  return isName(name) && !taken.has(name) ? name : tableFile(`${table.name}"`).slice(-NAME_MAX_BYTES);
};

/** The beginning of the reason of a copy's tables. */
const REASON_START = 'rows of tenant ';
const reasonOf = (tenantId: string): string => `${REASON_START}${tenantId},`;

/**
 * Removes a copy that `restoreToSchema` made for this tenant.
 *
 * @throws RingfenceError backup_not_found, naming those that there are.
 */
export const dropSchemaCopy = (admin: Connection, tenantId: string, schema: string): Promise<void> =>
  withConnection(admin, (client) =>
    inTransaction(client, async () => {
      const known = await listSchemaCopies(client, tenantId);
      if (!known.includes(schema)) throw unknownCopy(known);
      await drop(client, schema);
    }),
  );

/** Removes every copy of the tenant. @param client in a transaction. @returns how many there were. */
export const dropSchemaCopies = async (client: pg.ClientBase, tenantId: string): Promise<number> => {
  const known = await listSchemaCopies(client, tenantId);
  for (const schema of known) await drop(client, schema);
  return known.length;
};

/** The schemas that hold copies of the tenant's rows, ascending. */
export const listSchemaCopies = async (client: pg.ClientBase, tenantId: string): Promise<string[]> => {
  const { rows } = await client.query<{ schema: string }>(
    `SELECT DISTINCT schema_name::text AS schema FROM ringfence.global_tables WHERE starts_with(reason, $1) ORDER BY 1`,
    [reasonOf(tenantId)],
  );
  return rows.map((row) => row.schema).filter((name) => SCHEMA.test(name));
};

/** Ids of the tenants that have copies. */
export const listCopiedTenants = async (client: pg.ClientBase): Promise<string[]> => {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT substr(reason, length($1) + 1, 36) AS id FROM ringfence.global_tables WHERE starts_with(reason, $1)`,
    [REASON_START],
  );
  return rows.map(({ id }) => id);
};

const drop = async (client: pg.ClientBase, schema: string): Promise<void> => {
  await client.query(`DROP SCHEMA IF EXISTS ${pg.escapeIdentifier(schema)} CASCADE`);
  await client.query('DELETE FROM ringfence.global_tables WHERE schema_name = $1', [schema]);
};

const unknownCopy = (known: readonly string[]): RingfenceError =>
  new RingfenceError('backup_not_found', 'the tenant has no scratch copy of this name', {
    fix: known.length > 0 ? `choose from: ${known.join(', ')}` : 'it has none at all',
  });
