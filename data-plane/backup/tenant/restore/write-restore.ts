import pg from 'pg';
import { applyRestore, type ClinicWrites, countWrites } from './apply-restore.js';
import { bookWrites, type StatementWrites } from './book-writes.js';
import { constraintChecks } from './constraint-checks.js';
import { fillTables } from './fill-tables.js';
import type { Restore } from './in-restore.js';
import { LOG_TABLE } from './log-table.js';

/** Whether ordinary triggers of the tables fired for the rows that were written. */
export type Triggers = 'off' | 'fired';

/**
 * Writes the rows of a restore as they are in the backup, whatever the triggers of the tables would make of them. What
 * the triggers that are off with them would have done is done here: constraints are checked, writes are booked.
 *
 * @throws RingfenceError conflict for rows that a constraint does not take.
 */
export const writeRestore = async ({
  client,
  archive,
  scope,
}: Restore): Promise<{ readonly triggers: Triggers; readonly written: readonly ClinicWrites[] }> => {
  const { tables, toFill, clinicIds } = scope;
  const write = async (isLog: boolean): Promise<StatementWrites[]> => {
    const chosen = ({ table }: { readonly table: { readonly name: string } }): boolean =>
      (table.name === LOG_TABLE) === isLog;
    return [
      ...(await applyRestore(client, tables.filter(chosen))),
      ...(await fillTables(client, archive, toFill.filter(chosen), clinicIds)),
    ];
  };
  const off = await switchTriggersOff(client);
  const check = off ? await constraintChecks(client, scope) : undefined;
  const written = await write(false);
  if (off) await switchTriggersOn(client);
  written.push(...(await write(true)));
  await check?.(new Set(written.map(({ table }) => table.quoted)));
  if (off) await bookWrites(client, written);
  return { triggers: off ? 'off' : 'fired', written: countWrites(written) };
};

const NOT_ALLOWED = '42501';

/**
 * Keeps the triggers of tables from changing or refusing what this transaction writes, but for those that are ENABLE
 * ALWAYS. With them go the audit log's, and those with which Postgres checks foreign keys and deferrable keys: whoever
 * writes meanwhile books it (`bookWrites`) and checks it (`constraintChecks`).
 *
 * @returns whether the administrator may do that. In a cell of a provider that does not let them, triggers fire.
 */
const switchTriggersOff = async (client: pg.ClientBase): Promise<boolean> => {
  try {
    await client.query(
      'SAVEPOINT triggers_on; SET LOCAL session_replication_role = replica; RELEASE SAVEPOINT triggers_on',
    );
    return true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== NOT_ALLOWED) throw error;
    await client.query('ROLLBACK TO SAVEPOINT triggers_on; RELEASE SAVEPOINT triggers_on');
    return false;
  }
};

const switchTriggersOn = async (client: pg.ClientBase): Promise<void> => {
  await client.query('SET LOCAL session_replication_role = origin');
};
