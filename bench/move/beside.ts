import { setTimeout as pause } from 'node:timers/promises';
import type { Runtime } from '../../control-plane/runtime.js';
import { atMost, type Comparison, compare } from '../measure.js';
import type { Applications } from './applications.js';
import { beginMove, endMove, switchBack, switchOver } from './moves.js';
import { quantile, sharedMs } from './samples.js';
import { HERE, type MovableTenant, THERE, type TwoCells } from './two-cells.js';

const ALONE_MS = 3_000;
const NEIGHBOUR_ROWS = 200;
const WARM_MS = 500;
const MEGABYTE = 1_000_000;

interface Beside {
  readonly rows: number;
  readonly copyBytesPerSecond: number;
}

/**
 * The slowest hundredth of reads of two neighbours in each cell while a tenant is copied at a pace, compared, followed and switched,
 * against the same without a move. One process for each neighbour.
 */
export const benchBeside = async (
  { runtime, plant }: TwoCells,
  applications: Applications,
  { rows, copyBytesPerSecond }: Beside,
): Promise<Comparison> => {
  const tenant = await plant(rows);
  const neighbours = [];
  for (const home of [HERE, THERE, HERE, THERE]) neighbours.push(await plant(NEIGHBOUR_ROWS, home));
  await applications.work(...neighbours.map(({ reads }) => reads));
  await pause(WARM_MS);
  const p99Ms = async (work: () => Promise<unknown>): Promise<number> => {
    const sinceMs = sharedMs();
    await work();
    const done = await applications.report(sinceMs);
    const tookMs = done.flatMap(({ samples }) => samples.map(({ beganMs, endedMs }) => endedMs - beganMs));
    return quantile(tookMs, 0.99);
  };
  return compare(
    `p99 of neighbours during a move of ${rows} rows, copied at ${copyBytesPerSecond / MEGABYTE} MB/s / alone`,
    {
      baseline: () => p99Ms(() => pause(ALONE_MS)),
      measured: () => moveOnce(runtime, tenant, copyBytesPerSecond, p99Ms),
    },
    atMost(1.2),
  );
};

/** The way back is not measured. */
const moveOnce = async (
  runtime: Runtime,
  tenant: MovableTenant,
  copyBytesPerSecond: number,
  measure: (work: () => Promise<unknown>) => Promise<number>,
): Promise<number> => {
  const move = async () => {
    const moving = await beginMove(runtime, tenant, copyBytesPerSecond);
    await switchOver(runtime, moving);
    return moving;
  };
  const moved = { by: undefined as Awaited<ReturnType<typeof move>> | undefined };
  const figure = await measure(async () => {
    moved.by = await move();
  });
  if (moved.by === undefined) throw new Error('nothing was moved');
  await switchBack(runtime, moved.by);
  await endMove(runtime, moved.by);
  return figure;
};
