import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { type ForeignKey, readCatalogue } from '../../backup/tenant/catalogue.js';
import type { BlindIndexKind } from '../../keys/blind-index.js';
import { readExportTables } from '../export/dictionary.js';

/** A column that an import may give. */
export interface TargetColumn {
  /** As exports and mappings name it: a sealed column by its text. */
  readonly name: string;
  readonly storedAs: string;
  /** As Postgres writes it, of a sealed column that of its text. */
  readonly type: string;
  readonly required: boolean;
  readonly sealed: boolean;
  /** Made from the same text. */
  readonly index: { readonly column: string; readonly kind: BlindIndexKind } | null;
}

/** A tenant table that rows are imported into. */
export interface TargetTable {
  /** As `tableName` gives it. */
  readonly name: string;
  readonly quoted: string;
  /** Stored names, `clinic_id` first. */
  readonly primaryKey: readonly string[];
  /** Without `clinic_id`, which comes from the clinic. */
  readonly columns: readonly TargetColumn[];
  /** SQL by stored name. */
  readonly defaults: ReadonlyMap<string, string>;
  readonly checks: readonly {
    readonly name: string;
    readonly expression: string;
    readonly rule: string;
    readonly columns: readonly string[];
  }[];
  /** Unique keys besides the primary one, as stored names. */
  readonly uniques: readonly (readonly string[])[];
  /** Of this table to others. */
  readonly foreignKeys: readonly ForeignKey[];
}

/** Parents before children, and those that no import writes. */
export interface TargetTables {
  readonly tables: readonly TargetTable[];
  readonly leftOut: ReadonlySet<string>;
}

/**
 * What the platform writes is never imported: the audit log and the subscriptions (no application may add rows to these
 * and their like), the versions of a clinic's configuration, which name who changed it and why, and the link to the
 * payment provider's customer.
 */
const PLATFORM_TABLES: ReadonlySet<string> = new Set([
  'clinical.clinic_config',
  'clinical.billing_customers',
]);

type DetailsRow = Pick<TargetTable, 'checks' | 'uniques'> & {
  readonly oid: string;
  readonly defaults: Readonly<Record<string, string>>;
  readonly forApplications: boolean;
};

const DETAILS = readFileSync(new URL('./queries/target-tables.sql', import.meta.url), 'utf8');

export const readTargetTables = async (client: pg.ClientBase): Promise<TargetTables> => {
  const exported = await readExportTables(client);
  const { foreignKeys } = await readCatalogue(client);
  const { rows } = await client.query<DetailsRow>(DETAILS);
  const details = new Map(rows.map((row) => [row.oid, row]));
  const leftOut = new Set<string>();
  const tables = exported.flatMap(({ description, source, sealed }): TargetTable[] => {
    const { name, quoted, primaryKey } = source;
    const known = details.get(source.oid);
    if (known === undefined) return [];
    if (!known.forApplications || PLATFORM_TABLES.has(name)) {
      leftOut.add(name);
      return [];
    }
    const { checks, uniques } = known;
    const defaults = new Map(Object.entries(known.defaults));
    const columns = description.columns
      .filter(({ storedAs }) => storedAs !== 'clinic_id')
      .map(({ name: shownAs, storedAs, type, nullable, encrypted }) => ({
        name: shownAs,
        storedAs,
        type,
        required: !nullable,
        sealed: encrypted,
        index: sealed?.fields.find(({ column }) => column === storedAs)?.index ?? null,
      }));
    const ownKeys = foreignKeys.filter(({ child }) => child === name);
    return [{ name, quoted, primaryKey, columns, defaults, checks, uniques, foreignKeys: ownKeys }];
  });
  return { tables, leftOut };
};
