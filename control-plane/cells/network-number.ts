import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { inPooledTransaction } from '../../data-plane/database/connect.js';
import { FIRST_NETWORK_NUMBER, LAST_NETWORK_NUMBER } from '../../targets/aws/infrastructure.js';
import { targetOf } from '../../targets/index.js';
import { findControlInfrastructure } from '../project/control-infrastructure.js';
import { readRows } from '../project/read-rows.js';
import type { Cell } from './store.js';

/** A cell that was not recorded within this time is not going to be. */
const RESERVED_HOURS = 24;

/** The number of a new network: none of a cell's, and not that of the control database. @throws RingfenceError as `reserveNetworkNumber` */
export const networkNumberOf = async (
  control: pg.Pool,
  name: string,
  cells: readonly Cell[],
): Promise<number> => {
  const made = [
    ...cells.map((cell) => targetOf(cell).infrastructure(cell.address)),
    await findControlInfrastructure(control),
  ];
  const taken = made.flatMap((one) =>
    one?.network === null ? (one.networkNumber ?? FIRST_NETWORK_NUMBER) : [],
  );
  return reserveNetworkNumber(control, name, taken);
};

/**
 * Reserves a number for the network of a new cell, so that networks of cells can be connected: one that no recorded cell has, and that
 * nobody else has reserved, also at this moment. Asked again for the same cell, it gives the same one.
 * @param taken the numbers of recorded cells.
 * @throws RingfenceError usage where none is left.
 */
export const reserveNetworkNumber = async (
  control: pg.Pool,
  cell: string,
  taken: readonly number[],
): Promise<number> => {
  const [reserved] = await inPooledTransaction(control, async (client) => {
    // One after the other. A reservation stays when its cell is recorded: who waits here may have read the cells before that.
    await client.query('LOCK TABLE control.network_numbers IN SHARE ROW EXCLUSIVE MODE');
    await client.query(
      `DELETE FROM control.network_numbers
        WHERE reserved_at < now() - make_interval(hours => $1) OR cell = $2 AND number = ANY ($3)`,
      [RESERVED_HOURS, cell, taken],
    );
    const { rows } = await client.query(
      `INSERT INTO control.network_numbers (number, cell)
       SELECT min(number), $1 FROM generate_series($2::int, $3) AS number
        WHERE number <> ALL ($4) AND number NOT IN (SELECT n.number FROM control.network_numbers n WHERE n.cell <> $1)
       HAVING min(number) IS NOT NULL
       ON CONFLICT (cell) DO UPDATE SET reserved_at = now()
       RETURNING number`,
      [cell, FIRST_NETWORK_NUMBER, LAST_NETWORK_NUMBER, taken],
    );
    return readRows(z.object({ number: z.int() }), 'control.network_numbers', rows);
  });
  if (reserved) return reserved.number;
  throw new RingfenceError('usage', 'no addresses are left for one more network', {
    fix: 'make the network yourself and name it: --network vpc-…,subnet-…,subnet-…',
  });
};
