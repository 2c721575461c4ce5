import { auditRestore, type RestorePlace } from './audit-restore.js';
import type { Restore, RestoreSource } from './in-restore.js';
import type { PlannedTable } from './scope.js';

/** A table of which rows were copied. */
export interface CopiedTable {
  /** `schema.table` */
  readonly table: string;
  readonly rows: number;
  /** Their place: a table or a file. */
  readonly place: string;
}

/** The tables whose rows in the scope are copied: not those that are there for what others refer to. */
export const tablesToCopy = ({ scope }: Restore): readonly PlannedTable[] =>
  scope.tables.filter(({ mode }) => mode !== 'parents');

/** Counts what is copied, and tells the clinics of it. */
export const auditCopies = async (
  { client }: Restore,
  source: RestoreSource,
  into: RestorePlace,
  copies: readonly { readonly planned: PlannedTable; readonly place: string }[],
): Promise<CopiedTable[]> => {
  const counts = new Map<string, Record<string, { readonly rows: number }>>();
  const copied: CopiedTable[] = [];
  for (const { planned, place } of copies) {
    const table = planned.table.name;
    const { rows } = await client.query<{ clinicId: string; rows: number }>(
      `SELECT clinic_id AS "clinicId", count(*)::float8 AS rows FROM ${planned.scratch} GROUP BY clinic_id`,
    );
    for (const row of rows)
      counts.set(row.clinicId, { ...counts.get(row.clinicId), [table]: { rows: row.rows } });
    copied.push({ table, rows: rows.reduce((sum, row) => sum + row.rows, 0), place });
  }
  await auditRestore(client, { ...source, into, counts });
  return copied;
};
