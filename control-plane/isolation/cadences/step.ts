import { z } from 'zod';
import type { Runtime } from '../../runtime.js';
import { type Cadence, STEP_NAMES } from './cadence.js';

export const stepResult = z
  .object({
    step: z.enum(STEP_NAMES),
    outcome: z.enum(['clean', 'found']),
    /** One line, such as `1031 attempts, 0 leaked`. */
    summary: z.string(),
    /** Files that it wrote, relative to the run's folder. */
    files: z.array(z.string()).readonly(),
  })
  .readonly();

/** How a step of a cadence ended. `found` is something that a person must look at. */
export type StepResult = z.infer<typeof stepResult>;

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
