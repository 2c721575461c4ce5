import type pg from 'pg';
import { attempt, countReached, type Reach } from './attempt.js';
import { insertCanary } from './canary.js';
import type { Ledger } from './ledger.js';
import type { ProbeObjects } from './objects.js';

/** Tries to read rows that are not the clinic's own; without a clinic, any row. */
export const tryReads = async (
  client: pg.ClientBase,
  objects: ProbeObjects,
  ledger: Ledger,
  clinicId: string | null,
): Promise<void> => {
  const name = clinicId === null ? 'read without a context' : "read of another clinic's rows";
  // Two ranges, not <>: under a sound policy the index contradicts both at once, whatever the clinic's size.
  const reaches = objects.readable.map(({ name: table, boundary }) => ({
    table,
    statement:
      clinicId === null
        ? `(SELECT 1 FROM ${table} LIMIT 1)`
        : `(SELECT 1 FROM ${table} WHERE ${boundary} < $1 LIMIT 1) UNION ALL (SELECT 1 FROM ${table} WHERE ${boundary} > $1 LIMIT 1)`,
  }));
  await bookReached(client, ledger, name, reaches, clinicId === null ? [] : [clinicId]);
};

/** Tries to change, delete and add rows of `otherClinicId`. */
export const tryWrites = async (
  client: pg.ClientBase,
  objects: ProbeObjects,
  ledger: Ledger,
  otherClinicId: string,
): Promise<void> => {
  const over = (tables: typeof objects.writable, statement: (table: string) => string): Reach[] =>
    tables.map(({ name }) => ({ table: name, statement: statement(name) }));
  const updates = over(
    objects.writable.filter((table) => table.mayUpdate),
    (table) => `UPDATE ${table} SET clinic_id = clinic_id WHERE clinic_id = $1 RETURNING 1`,
  );
  const deletes = over(
    objects.writable.filter((table) => table.mayDelete),
    (table) => `DELETE FROM ${table} WHERE clinic_id = $1 RETURNING 1`,
  );
  await bookReached(client, ledger, "update of another clinic's rows", updates, [otherClinicId]);
  await bookReached(client, ledger, "delete of another clinic's rows", deletes, [otherClinicId]);
  for (const table of objects.writable) {
    const { sqlstate } = await attempt(client, insertCanary(client, table, '$1::uuid'), [otherClinicId]);
    ledger.bookRefusal(table.name, 'insert for another clinic', sqlstate);
  }
};

const bookReached = async (
  client: pg.ClientBase,
  ledger: Ledger,
  name: string,
  reaches: readonly Reach[],
  values: readonly unknown[],
): Promise<void> => {
  for (const reached of await countReached(client, reaches, values)) {
    if (reached.sqlstate === undefined) ledger.bookRows(reached.table, name, reached.rows);
    else ledger.bookRefusal(reached.table, name, reached.sqlstate);
  }
};
