import type pg from 'pg';
import { RingfenceError } from '../../tenants/errors.js';

/** A cell as the control plane records it. */
export interface Cell {
  readonly name: string;
  readonly id: string;
  readonly tier: 'shared' | 'dedicated';
  readonly region: string;
  readonly target: 'local' | 'aws';
  readonly rootKeyId: string | null;
  /** The port that its stack was last deployed with; null until it was deployed whole. */
  readonly port: number | null;
  /** How many days back any second of it can be restored. */
  readonly historyDays: number;
}

const COLUMNS = `name, id, tier, region, target, root_key_id AS "rootKeyId", port, history_days AS "historyDays"`;

export const listCells = async (control: pg.Pool): Promise<Cell[]> =>
  (await control.query<Cell>(`SELECT ${COLUMNS} FROM control.cells ORDER BY name`)).rows;

export const findCell = async (control: pg.Pool, name: string): Promise<Cell | undefined> =>
  (await control.query<Cell>(`SELECT ${COLUMNS} FROM control.cells WHERE name = $1`, [name])).rows[0];

/** @throws RingfenceError `cell_not_found`, naming the cells that there are. */
export const getCell = async (control: pg.Pool, name: string): Promise<Cell> => {
  const cell = await findCell(control, name);
  if (cell) return cell;
  const names = (await listCells(control)).map((known) => known.name);
  throw new RingfenceError('cell_not_found', `there is no cell ${name}`, {
    fix: names.length > 0 ? `the cells are: ${names.join(', ')}` : 'bring one up with `ringfence cells up`',
  });
};

/** Records the cell before anything is made. @throws RingfenceError `conflict` when it exists as something else. */
export const recordCell = async (
  control: pg.Pool,
  wanted: Pick<Cell, 'name' | 'tier' | 'region' | 'target'>,
): Promise<Cell> => {
  await control.query(
    'INSERT INTO control.cells (name, tier, region, target) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING',
    [wanted.name, wanted.tier, wanted.region, wanted.target],
  );
  const cell = await getCell(control, wanted.name);
  if (cell.tier === wanted.tier && cell.region === wanted.region) return cell;
  throw new RingfenceError('conflict', `cell ${cell.name} exists already: ${cell.tier}, in ${cell.region}`, {
    fix: 'choose another name, or leave --region and --tier out to bring this cell up again',
  });
};

export const recordCellDeployment = async (
  control: pg.Pool,
  cell: string,
  outputs: { rootKeyId: string; port: number },
): Promise<void> => {
  await control.query('UPDATE control.cells SET root_key_id = $2, port = $3 WHERE name = $1', [
    cell,
    outputs.rootKeyId,
    outputs.port,
  ]);
};

export const recordHistoryDays = async (control: pg.Pool, cell: string, days: number): Promise<void> => {
  await control.query('UPDATE control.cells SET history_days = $2 WHERE name = $1', [cell, days]);
};

export const forgetCell = async (control: pg.Pool, name: string): Promise<void> => {
  await control.query('DELETE FROM control.cells WHERE name = $1', [name]);
};
