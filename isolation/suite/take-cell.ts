import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';

/**
 * Allows one isolation test in a cell at a time: a second one would remove this one's tenants. The end of the session
 * releases the cell.
 * @throws RingfenceError `conflict` while another one runs.
 */
export const takeCell = async (admin: pg.Client): Promise<void> => {
  const { rows } = await admin.query<{ got: boolean }>(
    `SELECT pg_try_advisory_lock(hashtextextended('ringfence isolation test', 0)) AS got`,
  );
  if (rows[0]?.got) return;
  throw new RingfenceError('conflict', 'another isolation test runs in this cell', {
    fix: 'wait until it ends, then run the command again',
  });
};
