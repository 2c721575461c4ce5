import type pg from 'pg';

const LOCK = `hashtextextended('ringfence/rights', 0)`;

/**
 * Changes rights on what all share, such as the database and the functions of Postgres, while no other run does: of two at once one
 * would fail with "tuple concurrently updated" (XX000). The lock ends with the session; it may be taken within itself.
 */
export const changingRights = async <T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> => {
  await client.query(`SELECT pg_advisory_lock(${LOCK})`);
  try {
    return await work();
  } finally {
    await client.query(`SELECT pg_advisory_unlock(${LOCK})`).catch(() => undefined);
  }
};
