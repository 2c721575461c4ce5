import type { Engine } from '../engine/types.js';
import type { Project } from '../project/project.js';

export type CheckStatus = 'ok' | 'warn' | 'fail';

/** One finding of the doctor. It holds no secret and no personal data. */
export interface DoctorCheck {
  /** Stable; scripts may match on it. */
  readonly name: string;
  /** `warn` works but is worth knowing; `fail` stops commands from working. */
  readonly status: CheckStatus;
  readonly detail: string;
  /** What to do; absent when there is nothing to do. */
  readonly fix?: string;
  /** The same facts for programs: versions, ports, paths, bytes. */
  readonly data?: Record<string, unknown>;
}

export interface DoctorReport {
  /** No check failed. */
  readonly ok: boolean;
  readonly checks: DoctorCheck[];
}

/** The outcome of one search for the engine. The checks that need the engine share it. */
export interface EngineLookup {
  readonly engine?: Engine;
  /** Engines that were passed over, with the reason. */
  readonly skipped: readonly string[];
  /** RINGFENCE_PULUMI is set and broken. */
  readonly error?: unknown;
}

export interface CheckContext {
  readonly project: Project;
  readonly env: NodeJS.ProcessEnv;
  readonly lookup: EngineLookup;
}

/** Checks something and changes nothing. A thrown error is reported as a failed check. */
export type Check = (context: CheckContext) => Promise<DoctorCheck>;
