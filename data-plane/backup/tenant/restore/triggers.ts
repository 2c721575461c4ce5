import pg from 'pg';

const NOT_ALLOWED = '42501';

/**
 * Keeps the triggers of tables from changing or refusing what this transaction writes, but for those that are ENABLE
 * ALWAYS. With them go the audit log's, and those with which Postgres checks foreign keys and deferrable keys: whoever
 * writes meanwhile books it (`bookWrites`) and checks it (`constraintChecks`).
 *
 * @returns whether the administrator may do that. In a cell of a provider that does not let them, triggers fire.
 */
export const switchTriggersOff = async (client: pg.ClientBase): Promise<boolean> => {
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

export const switchTriggersOn = async (client: pg.ClientBase): Promise<void> => {
  await client.query('SET LOCAL session_replication_role = origin');
};
