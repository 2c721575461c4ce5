import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { REACHES, type Reach } from '../../core/reach.js';
import { REPLICA_COUNTS, type Replicas } from '../../core/replicas.js';
import { SIZES, type Size } from '../../core/sizes.js';
import { TIERS } from '../../manifest/index.js';
import { PLACE_OPTIONS, type Place, targetOf } from '../../targets/index.js';
import { CONTROL } from '../project/control-database.js';
import { readRows } from '../project/read-rows.js';

const cellSchema = z.object({
  name: z.string(),
  id: z.guid(),
  tier: z.enum(TIERS),
  region: z.string(),
  /** Of another version perhaps: see targetOf. */
  target: z.string(),
  address: z.record(z.string(), z.unknown()).readonly(),
  rootKeyId: z.string().nullable(),
  /** The port that its stack was last deployed with; null until it was deployed whole. */
  port: z.int().nullable(),
  /** How many days back any second of it can be restored. */
  historyDays: z.int(),
  /** The class that it shall have. */
  size: z.enum(SIZES),
  /** How long no client could connect at its last restart for new settings, as measured; null before the first. */
  restartMs: z.int().nullable(),
  restartedAt: z.date().nullable(),
  /** How many it shall have. */
  replicas: z.literal(REPLICA_COUNTS),
  /** Who reaches its server. */
  reach: z.enum(REACHES),
});

/** A cell as the control plane records it. */
export type Cell = Readonly<z.infer<typeof cellSchema>>;

const COLUMNS = `name, id, tier, region, target, address, root_key_id AS "rootKeyId", port, history_days AS "historyDays",
  size, restart_ms AS "restartMs", restarted_at AS "restartedAt", replicas, reach`;

const read = (rows: readonly unknown[]): Cell[] => readRows(cellSchema, 'control.cells', rows);

export const listCells = async (control: pg.Pool): Promise<Cell[]> =>
  read((await control.query(`SELECT ${COLUMNS} FROM control.cells ORDER BY name`)).rows);

export const findCell = async (control: pg.Pool, name: string): Promise<Cell | undefined> =>
  read((await control.query(`SELECT ${COLUMNS} FROM control.cells WHERE name = $1`, [name])).rows)[0];

/** @throws RingfenceError `cell_not_found`, naming the cells that there are. */
export const getCell = async (control: pg.Pool, name: string): Promise<Cell> => {
  const cell = await findCell(control, name);
  if (cell) return cell;
  const names = (await listCells(control)).map((known) => known.name);
  throw new RingfenceError('cell_not_found', `there is no cell ${name}`, {
    fix: names.length > 0 ? `the cells are: ${names.join(', ')}` : 'bring one up with `ringfence cells up`',
  });
};

/** Records the cell before anything is made. @throws RingfenceError `conflict` when it exists as something else, `config_invalid`. */
export const recordCell = async (
  control: pg.Pool,
  wanted: Pick<Cell, 'name' | 'tier' | 'region' | 'target' | 'address'>,
): Promise<Cell> => {
  const { name, tier, region, target } = wanted;
  const address = targetOf(wanted).check(wanted.address);
  if (name === CONTROL)
    throw new RingfenceError(
      'config_invalid',
      `no cell is called ${CONTROL}: keys and backups of the control database have that name`,
      {
        fix: 'choose another name for the cell; a dedicated tenant’s cell has its slug, so name one with `cell:`',
      },
    );
  await control.query(
    `INSERT INTO control.cells (name, tier, region, target, address) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [name, tier, region, target, address],
  );
  const cell = await findCell(control, name);
  if (!cell) {
    throw new RingfenceError('conflict', `another cell lives on ${serverOf(wanted)} in ${region}`, {
      fix: 'one server holds one cell: see `ringfence cells list`',
    });
  }
  if (cell.tier === tier && cell.region === region && isSamePlace(cell, { target, address })) return cell;
  throw new RingfenceError(
    'conflict',
    `cell ${name} exists already: ${cell.tier}, in ${cell.region}, on ${serverOf(cell)}`,
    {
      fix: `choose another name, or leave ${['--region', '--tier', ...PLACE_OPTIONS].join(', ')} out to bring this cell up again`,
    },
  );
};

/**
 * Another address of the same server: what is wanted of it has changed.
 * @param before the address that the new one was made from.
 * @throws RingfenceError `conflict` where it is another one by now.
 */
export const recordAddress = async (
  control: pg.Pool,
  cell: string,
  { before, address }: { readonly before: Cell['address']; readonly address: Cell['address'] },
): Promise<void> => {
  const { rowCount } = await control.query(
    'UPDATE control.cells SET address = $2 WHERE name = $1 AND address = $3',
    [cell, address, before],
  );
  if (rowCount === 0)
    throw new RingfenceError('conflict', `somebody else has changed cell ${cell} meanwhile`, {
      fix: 'look at `ringfence cells list`, and type the command again',
    });
};

const isSamePlace = (one: Place, other: Place): boolean =>
  one.target === other.target && isDeepStrictEqual(one.address, other.address);

const serverOf = (place: Place): string => {
  const { isHere, provider, words } = targetOf(place);
  return isHere ? provider : words(place.address).server;
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

/** What was in it is gone, and it is made anew. */
export const recordCellUndeployed = async (control: pg.Pool, cell: string): Promise<void> => {
  await control.query('UPDATE control.cells SET port = NULL WHERE name = $1', [cell]);
};

export const recordHistoryDays = async (control: pg.Pool, cell: string, days: number): Promise<void> => {
  await control.query('UPDATE control.cells SET history_days = $2 WHERE name = $1', [cell, days]);
};

export const recordSize = async (control: pg.Pool, cell: string, size: Size): Promise<void> => {
  await control.query('UPDATE control.cells SET size = $2 WHERE name = $1', [cell, size]);
};

export const recordReach = async (control: pg.Pool, cell: string, reach: Reach): Promise<void> => {
  await control.query('UPDATE control.cells SET reach = $2 WHERE name = $1', [cell, reach]);
};

export const recordReplicas = async (control: pg.Pool, cell: string, replicas: Replicas): Promise<void> => {
  await control.query('UPDATE control.cells SET replicas = $2 WHERE name = $1', [cell, replicas]);
};

export const recordRestart = async (control: pg.Pool, cell: string, pauseMs: number): Promise<void> => {
  await control.query('UPDATE control.cells SET restart_ms = $2, restarted_at = now() WHERE name = $1', [
    cell,
    pauseMs,
  ]);
};

export const forgetCell = async (control: pg.Pool, name: string): Promise<void> => {
  await control.query('DELETE FROM control.cells WHERE name = $1', [name]);
};

/** Has every application look again how this cell is reached. */
export const tellApplications = async (control: pg.Pool, name: string): Promise<void> => {
  await control.query('UPDATE control.cells SET name = name WHERE name = $1', [name]);
};
