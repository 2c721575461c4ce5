import type { Runtime } from '../runtime.js';
import type { Alert } from './alert.js';

/** What a job works with. */
export interface TaskContext {
  readonly runtime: Runtime;
  /** Where results of isolation tests are written. */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** Says it, and tells the webhook where there is one. */
  readonly alert: (alert: Alert) => Promise<void>;
}
