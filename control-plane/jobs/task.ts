import type { Runtime } from '../runtime.js';
import type { Alert } from './alert.js';

/** The context of a job. */
export interface TaskContext {
  readonly runtime: Runtime;
  /** Where results of isolation tests are written. */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** Prints the alert, and sends it to the webhook where there is one. */
  readonly alert: (alert: Alert) => Promise<void>;
}
