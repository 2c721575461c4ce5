import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { readTenantTables, type TenantTable } from '../../database/tenant-tables.js';

const query = (file: string): string => readFileSync(new URL(`./queries/${file}`, import.meta.url), 'utf8');
const DETAILS = query('table-details.sql');
const FOREIGN_KEYS = query('foreign-keys.sql');

interface TableDetails {
  readonly appendOnly: boolean;
  /** SQL: the bytes of a row `n`, as quotas count them. */
  readonly rowBytes: string;
  /** Columns that have a collation. */
  readonly collated: readonly string[];
  /** The type of each column, without its length or precision. */
  readonly types: ReadonlyMap<string, string>;
  /** What a column is given where nothing is, as SQL; of those that are given something. */
  readonly defaults: ReadonlyMap<string, string>;
  /** Columns that are never NULL. */
  readonly required: readonly string[];
  /** Identity columns that UPDATE may not set. */
  readonly fixed: readonly string[];
  /** Has unique or exclusion keys besides its primary key. */
  readonly hasOtherKeys: boolean;
  /** A foreign key of another table does something else than NO ACTION when a row of this one is deleted. */
  readonly deletesReachFurther: boolean;
}

type DetailsRow = Omit<TableDetails, 'types' | 'defaults'> & {
  readonly oid: string;
  readonly types: Readonly<Record<string, string>>;
  readonly defaults: Readonly<Record<string, string>>;
};

/** A tenant table with what backup and restore need to know. */
export type BackupTable = TenantTable & TableDetails;

/** A foreign key between tenant tables, by their names. Column lists pair up. */
export interface ForeignKey {
  readonly child: string;
  readonly childColumns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
}

/** The tenant tables of a cell, parents before children, and the foreign keys between them. */
export interface Catalogue {
  readonly tables: readonly BackupTable[];
  readonly foreignKeys: readonly ForeignKey[];
}

export const readCatalogue = async (client: pg.ClientBase): Promise<Catalogue> => {
  const tables = await readBackupTables(client);
  const names = new Map(tables.map(({ oid, name }) => [oid, name]));
  const { rows } = await client.query<ForeignKey>(FOREIGN_KEYS);
  const foreignKeys = rows.map(({ child, parent, ...columns }) => ({
    ...columns,
    child: names.get(child) ?? '',
    parent: names.get(parent) ?? '',
  }));
  return { tables, foreignKeys };
};

/** The tables of the catalogue. */
export const readBackupTables = async (client: pg.ClientBase): Promise<BackupTable[]> => {
  const tables = await readTenantTables(client);
  const details = await client.query<DetailsRow>(DETAILS);
  const byOid = new Map(details.rows.map((row) => [row.oid, row]));
  return tables.flatMap((table) => {
    const known = byOid.get(table.oid);
    if (known === undefined) return [];
    const types = new Map(Object.entries(known.types));
    const defaults = new Map(Object.entries(known.defaults));
    return [{ ...table, ...known, types, defaults }];
  });
};

/** The ids of the tenant's clinics in this cell, closed ones too, ascending. */
export const readClinicIds = async (client: pg.ClientBase, tenantId: string): Promise<string[]> => {
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM ringfence.clinics WHERE tenant_id = $1 ORDER BY id',
    [tenantId],
  );
  return rows.map((row) => row.id);
};
