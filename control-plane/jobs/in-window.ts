import { type MaintenanceWindow, startOf } from './maintenance-window.js';
import type { TaskContext } from './task.js';

/** A job that can wait for a maintenance window. */
export interface Waiting {
  /** As in `rehearsal of clinica-sonrisa`, for its log. */
  readonly what: string;
  /** The windows of the tenants that it may slow down. */
  readonly windows: readonly MaintenanceWindow[];
  /** Later it is overdue. */
  readonly dueBy: Date;
  /** It has begun in time and failed. */
  readonly isRetry: boolean;
  /** Puts it into the queue again, for then. */
  readonly postpone: (at: Date) => Promise<void>;
}

/** Does the work of a job within a window, or at once when waiting would make it overdue. Otherwise postpones it. */
export const inWindow = async (
  { runtime, say }: TaskContext,
  { what, windows, dueBy, isRetry, postpone }: Waiting,
  work: () => Promise<void>,
): Promise<void> => {
  const start = isRetry ? undefined : startOf(windows, runtime.now(), dueBy);
  if (start?.when === 'then') {
    await postpone(start.at);
    say(`${what} waits for its maintenance window: ${start.at.toISOString()}`);
    return;
  }
  if (start?.late) say(`${what} does not wait for its maintenance window: it would be overdue by then`);
  await work();
};
