import type pg from 'pg';
import {
  type Catalogue,
  type ForeignKey,
  readCatalogue,
} from '../../../../data-plane/backup/tenant/catalogue.js';
import { withConnection } from '../../../../data-plane/database/connect.js';
import type { TestDatabase } from '../../../support/cell-database.js';

type Row = Readonly<Record<string, unknown>>;

/** Every row of every tenant in the cell but the audit log, as JSON, by table and then by primary key. */
export type Rows = ReadonlyMap<string, ReadonlyMap<string, Row>>;

const LOG = 'clinical.audit_events';

export const catalogueOf = ({ connection }: TestDatabase): Promise<Catalogue> =>
  withConnection(connection, readCatalogue);

export const readRows = async (admin: pg.Pool, { tables }: Catalogue): Promise<Rows> => {
  const all = new Map<string, Map<string, Row>>();
  for (const { name, quoted, primaryKey } of tables) {
    if (name === LOG) continue;
    // Numbers as text: 1.5 is not 1.50.
    const { rows } = await admin.query<{ row: Row }>(
      `SELECT (SELECT jsonb_object_agg(key, CASE jsonb_typeof(value) WHEN 'number' THEN to_jsonb(value::text) ELSE value END)
                 FROM jsonb_each(to_jsonb(t))) AS row FROM ${quoted} t`,
    );
    all.set(name, new Map(rows.map(({ row }) => [keyOf(row, primaryKey), row])));
  }
  return all;
};

/** What a restore is asked for, as a model needs it. */
export interface Asked {
  readonly clinicIds: readonly string[];
  readonly tables?: readonly string[];
  readonly where: readonly { readonly column: string; readonly value: string }[];
  readonly mode: 'replace' | 'missing-only' | 'newest';
}

/** When a row was last changed, of tables that say it. */
const NEWEST_BY = 'updated_at';

const RECORDS = new Set(['clinical.clinic_config', 'clinical.subscriptions']);

/**
 * What the rows must be after a restore, by the rule of docs/backups.md and row by row: which are in the scope, what
 * becomes of them, which others come along.
 */
export const expectedRows = (
  { tables, foreignKeys }: Catalogue,
  backup: Rows,
  live: Rows,
  asked: Asked,
): { readonly rows: Rows; readonly inScope: number; readonly undecided: boolean } => {
  const own = ([, row]: [string, Row]) => asked.clinicIds.includes(String(row.clinic_id));
  const sides = [backup, live].map(
    (side) => new Map([...side].map(([name, rows]) => [name, new Map([...rows].filter(own))])),
  );
  const scope = new Map(tables.map(({ name }) => [name, new Set<string>()]));
  for (const side of sides)
    for (const [name, rows] of side)
      for (const [key, row] of rows) if (matches(foreignKeys, name, row, asked)) scope.get(name)?.add(key);
  if (asked.where.length > 0) {
    for (let grown = true; grown; ) {
      grown = false;
      for (const foreign of foreignKeys)
        for (const side of sides)
          for (const [key, row] of side.get(foreign.child) ?? []) {
            const parent = parentOf(side, foreign, row);
            const keys = scope.get(foreign.child);
            if (!parent || !scope.get(foreign.parent)?.has(parent) || keys?.has(key)) continue;
            keys?.add(key);
            grown = true;
          }
    }
  }

  const rows = new Map([...live].map(([name, table]) => [name, new Map(table)]));
  let inScope = 0;
  let undecided = asked.mode === 'newest' && !someSayWhen(tables, asked);
  const restored: [name: string, row: Row][] = [];
  for (const [name, keys] of scope) {
    if (asked.tables?.includes(name) === false) continue;
    const keep = asked.mode !== 'replace' || RECORDS.has(name);
    for (const key of keys) {
      const before = sides[0]?.get(name)?.get(key);
      const now = sides[1]?.get(name)?.get(key);
      if (before && now && asked.mode === 'newest' && changes(tables, name)) {
        inScope++;
        if (!(NEWEST_BY in now)) undecided ||= JSON.stringify(before) !== JSON.stringify(now);
        else if (isLater(before, now)) {
          restored.push([name, before]);
          rows.get(name)?.set(key, before);
        }
      } else if (before) {
        inScope++;
        restored.push([name, before]);
        if (!keep || !rows.get(name)?.has(key)) rows.get(name)?.set(key, before);
      } else if (!keep) rows.get(name)?.delete(key);
    }
  }
  for (const [name, row] of restored) {
    for (const foreign of foreignKeys.filter(({ child }) => child === name)) {
      const parent = parentOf(backup, foreign, row);
      const parentRow = parent && backup.get(foreign.parent)?.get(parent);
      if (!parentRow || rows.get(foreign.parent)?.has(parent)) continue;
      rows.get(foreign.parent)?.set(parent, parentRow);
      restored.push([foreign.parent, parentRow]);
    }
  }
  return { rows, inScope, undecided };
};

/** Whether rows of the table are ever changed, so that one can be newer. */
const changes = (tables: Catalogue['tables'], name: string): boolean =>
  tables.some((table) => table.name === name && !table.appendOnly);

const someSayWhen = (tables: Catalogue['tables'], asked: Asked): boolean =>
  tables.some(
    ({ name, appendOnly, columns }) =>
      asked.tables?.includes(name) !== false && !appendOnly && columns.includes(NEWEST_BY),
  );

const isLater = (one: Row, other: Row): boolean => {
  const [first, second] = [one, other].map((row) => row[NEWEST_BY]);
  return first !== null && (second === null || Date.parse(String(first)) > Date.parse(String(second)));
};

const keyOf = (row: Row, columns: readonly string[]): string =>
  columns.map((column) => String(row[column])).join('/');

const parentOf = (side: Rows, key: ForeignKey, row: Row): string | undefined => {
  if (key.childColumns.some((column) => row[column] === null)) return undefined;
  const parent = keyOf(row, key.childColumns);
  return side.get(key.parent)?.has(parent) ? parent : undefined;
};

const matches = (foreignKeys: readonly ForeignKey[], name: string, row: Row, { where }: Asked): boolean =>
  where.every(({ column, value }) => {
    if (column in row) return String(row[column]) === value;
    return foreignKeys.some(
      ({ parent, childColumns, parentColumns }) =>
        parent === name &&
        childColumns.includes(column) &&
        String(row[parentColumns[childColumns.indexOf(column)] ?? '']) === value,
    );
  });
