import type pg from 'pg';
import type { SchemaChange } from '../shape.js';
import { summariseBackup } from '../verify.js';
import type { ClinicWrites, WrittenRows } from './apply-restore.js';
import { assertAsInBackup } from './as-in-backup.js';
import { auditRestore, type ClinicCounts } from './audit-restore.js';
import { inRestore, type RestoreSource } from './in-restore.js';
import { keepMissingParents } from './missing-parents.js';
import { assertNothingRefers } from './referring-rows.js';
import type { PlannedTable } from './scope.js';
import { markTaken } from './taken-rows.js';
import { type Triggers, writeRestore } from './write-restore.js';

/** The changes of a restore to a table, in the scope; `live` = `updated` + `deleted` + `unchanged`. All are numbers of rows. */
interface TableRestore extends WrittenRows {
  /** `schema.table` */
  readonly table: string;
  readonly inBackup: number;
  /** Before the restore. */
  readonly live: number;
  readonly unchanged: number;
}

export interface RestoreReport {
  /** The backup's, as `takeBackup` returned it. */
  readonly digest: string;
  /** `fired` in a cell whose provider does not let the administrator switch triggers off. */
  readonly triggers: Triggers;
  /** Tables and columns that are gone, new or of another type since the backup. */
  readonly changes: readonly SchemaChange[];
  /** The chosen tables, and others that missing rows came back to; parents before children. */
  readonly tables: readonly TableRestore[];
}

/**
 * Brings rows of a tenant back to what they were when the backup was taken, in one transaction, or, as a dry run, the
 * same with a rollback at the end.
 *
 * Only rows of the scope are read or written (`loadScope`); clinics that were opened since the backup are left
 * alone. `RestoreMode` says what is done to a table. The scope is closed over foreign keys: rows that its rows refer to
 * and that are missing come back too. Everything is checked before the first row is written, and once it is written, it
 * is read again and must be as in the backup (of mode `newest`, what was written). Each clinic where something was written
 * finds an event in its audit log.
 *
 * @param accept is told of it at the end, before anything of it lasts; what it throws leaves everything as it was.
 *
 * Other tenants and clinics read and write meanwhile. Work of the scope's clinics that gets between fails the restore.
 *
 * @throws RingfenceError, and nothing is changed: as `inRestore` and `markTaken`; conflict, naming the tables to add, when
 *   rows outside the scope refer to rows that would go, or when a trigger does not let the rows be as they were.
 */
export const restoreBackup = (
  source: RestoreSource,
  accept: (report: RestoreReport) => void = () => undefined,
): Promise<RestoreReport> =>
  inRestore(
    source,
    async (restore) => {
      const { client, archive, catalogue, scope } = restore;
      const { tables, toFill } = scope;
      await markTaken(client, tables);
      await keepMissingParents(client, tables, catalogue.foreignKeys);
      await assertNothingRefers(client, tables, catalogue);
      const before = await countRows(client, tables);
      const { triggers, written } = await writeRestore(restore);
      await assertAsInBackup(client, scope, triggers);
      await auditRestore(client, { ...source, into: 'in-place', counts: byClinic(written) });
      const reports = new Map<string, TableRestore>();
      for (const { table, section } of toFill)
        reports.set(table.name, report(table.name, { inBackup: section.rows, live: 0 }, written));
      for (const [at, { table, mode }] of tables.entries()) {
        const done = report(table.name, before[at] ?? { inBackup: 0, live: 0 }, written);
        if (mode !== 'parents' || done.inserted > 0) reports.set(table.name, done);
      }
      const done = {
        digest: summariseBackup(archive).digest,
        triggers,
        changes: restore.changes,
        tables: catalogue.tables.flatMap(({ name }) => reports.get(name) ?? []),
      };
      accept(done);
      return done;
    },
    { mayFill: true },
  );

/** Rows of the scope before a restore. */
interface RowsBefore {
  readonly inBackup: number;
  readonly live: number;
}

const report = (
  table: string,
  { inBackup, live }: RowsBefore,
  written: readonly ClinicWrites[],
): TableRestore => {
  const { inserted, updated, deleted } = ofTable(written, table);
  return { table, inBackup, live, inserted, updated, deleted, unchanged: live - updated - deleted };
};

/** Rows of the scope on either side, in the order of `tables`. */
const countRows = async (client: pg.ClientBase, tables: readonly PlannedTable[]): Promise<RowsBefore[]> => {
  if (tables.length === 0) return [];
  const counts = tables.map(
    ({ table, scratch, inScope }, at) =>
      `SELECT ${at} AS at, (SELECT count(*) FROM ${scratch})::float8 AS "inBackup",
              (SELECT count(*) FROM ${table.quoted} l WHERE ${inScope('l')})::float8 AS live`,
  );
  return (await client.query(`${counts.join(' UNION ALL ')} ORDER BY at`)).rows;
};

const ofTable = (written: readonly ClinicWrites[], name: string): WrittenRows => {
  const rows = written.filter(({ table }) => table === name);
  const sum = (count: keyof WrittenRows): number => rows.reduce((total, row) => total + row[count], 0);
  return { inserted: sum('inserted'), updated: sum('updated'), deleted: sum('deleted') };
};

const byClinic = (written: readonly ClinicWrites[]): ClinicCounts => {
  const clinics = new Map<string, Record<string, Readonly<Record<string, number>>>>();
  for (const { clinicId, table, inserted, updated, deleted } of written)
    clinics.set(clinicId, { ...clinics.get(clinicId), [table]: { inserted, updated, deleted } });
  return clinics;
};
