import { setTimeout as pause } from 'node:timers/promises';
import type { Moving } from '../../control-plane/moves/moving.js';
import type { Runtime } from '../../control-plane/runtime.js';
import { atMost, type Comparison, compare } from '../measure.js';
import type { Applications } from './applications.js';
import { switchBack } from './moves.js';
import { gapsMs } from './pause.js';
import type { MovableTenant } from './two-cells.js';

const SETTLED_MS = 1_000;

/** A tenant whose move is open, and which goes to and fro. */
export interface Mover {
  readonly tenant: MovableTenant;
  readonly rows: number;
  readonly moving: Moving;
}

/** The pause of a large tenant against that of a small one: the longest of all processes each time. */
export const benchSizes = (
  runtime: Runtime,
  applications: Applications,
  { small, large }: { readonly small: Mover; readonly large: Mover },
): Promise<Comparison> => {
  const pauseMs =
    ({ tenant, moving }: Mover) =>
    async (): Promise<number> => {
      await applications.work(tenant.writes);
      await pause(SETTLED_MS);
      return Math.max(...(await gapsMs(applications, await switchBack(runtime, moving))));
    };
  return compare(
    `pause with ${large.rows} rows / with ${small.rows}`,
    { baseline: pauseMs(small), measured: pauseMs(large) },
    atMost(1.5),
  );
};
