import { setTimeout as pause } from 'node:timers/promises';
import { withConnection } from '../data-plane/database/connect.js';
import type { Comparison } from './measure.js';
import { type Applications, startApplications } from './move/applications.js';
import { benchBeside } from './move/beside.js';
import { benchCopy } from './move/copy.js';
import { beginMove, switchOver } from './move/moves.js';
import { benchPause } from './move/pause.js';
import { benchSizes, type Mover } from './move/sizes.js';
import { openTwoCells, type TwoCells } from './move/two-cells.js';
import type { Scene } from './scene.js';

/** How much is measured. */
interface Scale {
  readonly processes: number;
  readonly smallRows: number;
  readonly largeRows: number;
  /** Moves there, and as many back. */
  readonly rounds: number;
  readonly roundsAfar: number;
  readonly roundTripsMs: readonly number[];
  readonly beside: Parameters<typeof benchBeside>[2];
  readonly copiedPatients: number;
}

const SCALE: Scale = {
  processes: 8,
  smallRows: 5_000,
  largeRows: 1_000_000,
  rounds: 10,
  roundsAfar: 3,
  roundTripsMs: [20, 80],
  beside: { rows: 100_000, copyBytesPerSecond: 5_000_000 },
  copiedPatients: 12_000,
};
const WARM_MS = 1_000;

/** Moves between two local cells, as the steps of `tenants move` do them, under applications that are processes of their own. */
export const benchMove = async (scene: Scene, scale = SCALE): Promise<Comparison[]> => {
  const cells = await openTwoCells(scene);
  const applications = await startApplications(scale.processes, cells.applications);
  const results: Comparison[] = [];
  try {
    results.push(...(await benchSwitches(cells, applications, scale)));
    results.push(await benchBeside(cells, applications, scale.beside));
  } finally {
    await applications.close();
  }
  return [...results, ...(await benchCopy(scale.copiedPatients))];
};

const benchSwitches = async (
  cells: TwoCells,
  applications: Applications,
  { smallRows, largeRows, rounds, roundsAfar, roundTripsMs }: Scale,
): Promise<Comparison[]> => {
  const { runtime } = cells;
  const small = await move(cells, applications, smallRows);
  const scenario = { runtime, applications, ...small };
  const results = await benchPause(scenario, { rounds });
  for (const roundTripMs of roundTripsMs)
    results.push(...(await benchPause(scenario, { rounds: roundsAfar, roundTripMs })));
  const large = await move(cells, applications, largeRows);
  results.push(await benchSizes(runtime, applications, { small, large }));
  await applications.work();
  return [...results, ...(await countErrors(cells, applications, [small, large]))];
};

/** Copies a new tenant and switches it once, under its applications. */
const move = async (cells: TwoCells, applications: Applications, rows: number): Promise<Mover> => {
  const tenant = await cells.plant(rows);
  await applications.work(tenant.writes);
  await pause(WARM_MS);
  const moving = await beginMove(cells.runtime, tenant);
  await switchOver(cells.runtime, moving);
  return { tenant, rows, moving };
};

const countErrors = async (
  { runtime }: TwoCells,
  { done }: Applications,
  movers: readonly Mover[],
): Promise<Comparison[]> => {
  let wrong = 0;
  for (const { tenant, moving } of movers) {
    const { clinicId } = tenant.writes;
    const home = moving.move?.destination ?? '';
    const found = await withConnection(await runtime.target.adminConnection(home), async (client) => {
      const { rows } = await client.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM clinical.services WHERE clinic_id = $1 AND name = 'written meanwhile'`,
        [clinicId],
      );
      return rows[0]?.count ?? 0;
    });
    wrong += Math.abs(found - (done.writes.get(clinicId) ?? 0));
  }
  for (const problem of done.problems.slice(0, 5)) console.error(problem);
  return [
    errors('requests that failed in all these moves', done.problems.length),
    errors('acknowledged writes that are not in the home once', wrong),
  ];
};

const errors = (name: string, found: number): Comparison => ({
  name,
  baselineMs: 0,
  measuredMs: found,
  figure: found,
  unit: 'errors',
  goal: '0',
  met: found === 0,
});
