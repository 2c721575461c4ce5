import type { Runtime } from '../../runtime.js';
import type { Cadence, StepName } from './cadence.js';

/** The end of a step of a cadence. A person must look at a step that ended with `found`. */
export interface StepResult {
  readonly step: StepName;
  readonly outcome: 'clean' | 'found';
  /** One line, such as `1031 attempts, 0 leaked`. */
  readonly summary: string;
  /** Files that it wrote, relative to the run's folder. */
  readonly files: readonly string[];
}

/** The context of a step. */
export interface StepContext {
  readonly runtime: Runtime;
  readonly cadence: Cadence;
  /** The time of the last run of this cadence. */
  readonly since: Date;
  /** Writes a file into the run's folder and returns its name. */
  write(name: string, text: string): Promise<string>;
  say(line: string): void;
}

export type Step = (context: StepContext) => Promise<Omit<StepResult, 'step'>>;
