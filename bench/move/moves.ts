import { randomUUID } from 'node:crypto';
import { copyStep } from '../../control-plane/moves/copy-step.js';
import { endWindow } from '../../control-plane/moves/end-window.js';
import { followStep } from '../../control-plane/moves/follow-step.js';
import { type Moving, moveIn, refreshMove, takeOver } from '../../control-plane/moves/moving.js';
import { changeMove, findMove, recordMove, turnMove } from '../../control-plane/moves/store.js';
import { switchStep } from '../../control-plane/moves/switch-step.js';
import type { Runtime } from '../../control-plane/runtime.js';
import { enterPlacementState, recordPlacement } from '../../control-plane/tenants/placements.js';
import { sharedMs } from './samples.js';
import { HERE, type MovableTenant, THERE } from './two-cells.js';

// The steps of a move that touch rows and routes, as `tenants move` runs them; without the engine and the backup around them.

const WINDOW_HOURS = 1;
const DRAIN_MS = 5_000;

/** When the mover began to switch, and when the new home was open. Times are of `sharedMs`. */
export interface SwitchTimes {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Copies the tenant into the other cell, and lets the stream run. */
export const beginMove = async (
  runtime: Runtime,
  { registered, manifest }: MovableTenant,
  copyBytesPerSecond?: number,
): Promise<Moving> => {
  const { control } = runtime;
  const id = randomUUID();
  const tenantId = registered.id;
  await recordMove(control, { id, tenantId, source: HERE, destination: THERE, windowHours: WINDOW_HOURS });
  await recordPlacement(control, tenantId, THERE, 'arriving');
  const moving: Moving = {
    tenant: registered,
    manifest,
    destination: THERE,
    windowHours: WINDOW_HOURS,
    how: { drainMs: DRAIN_MS, copyBytesPerSecond },
    onProgress: () => undefined,
    move: await findMove(control, id),
  };
  moving.move = await takeOver(runtime, moveIn(moving));
  await copyStep(runtime, moving);
  return moving;
};

/** Goes on to the open home at the other end. */
export const switchOver = async (runtime: Runtime, moving: Moving): Promise<SwitchTimes> => {
  await followStep(runtime, moving);
  const fromMs = sharedMs();
  let toMs = fromMs;
  const reached = (point: string): void => {
    if (point === 'opened') toMs = sharedMs();
  };
  await switchStep({ ...runtime, reached }, moving);
  return { fromMs, toMs };
};

/** Brings the tenant back to where it was before the last switch. */
export const switchBack = async (runtime: Runtime, moving: Moving): Promise<SwitchTimes> => {
  await turnMove(runtime.control, moveIn(moving));
  moving.move = await takeOver(runtime, await refreshMove(runtime, moving));
  return switchOver(runtime, moving);
};

/** Ends the window of a tenant that is back. Its rows in the other cell stay, as a copy that was broken off leaves them. */
export const endMove = async (runtime: Runtime, moving: Moving): Promise<void> => {
  const { control } = runtime;
  await changeMove(control, moveIn(moving), 'open', { state: 'window' });
  await endWindow(runtime, await refreshMove(runtime, moving));
  const { tenantId, source } = await refreshMove(runtime, moving);
  await changeMove(control, moveIn(moving), 'purging', { state: 'purged' });
  await enterPlacementState(control, tenantId, source, 'left');
};
