import { RingfenceError } from '../../core/errors.js';
import { VERSION } from '../../core/version.js';
import type { Runtime } from '../runtime.js';
import { formatProgramVersion, programVersion } from './program-version.js';
import { beginDeployment, type DeploymentSubject, endDeployment, recordApplied } from './store.js';

/** A deployment that is under way. */
export interface RunningDeployment {
  readonly number: number;
  /** Call this when the engine has done its part. From then on the subject counts as deployed this way. */
  applied(): Promise<void>;
}

interface DeploymentFields {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly inputsHash: string | null;
  readonly why?: string | undefined;
  readonly operation?: string;
}

/** Records the beginning of a deployment with its caller. The caller holds the lock of the subject. @returns its number. */
export const recordBegun = (
  { control, caller }: Runtime,
  subject: DeploymentSubject,
  fields: DeploymentFields,
): Promise<number> =>
  beginDeployment(control, subject, {
    inputs: fields.inputs,
    inputsHash: fields.inputsHash,
    programVersion: formatProgramVersion(programVersion()),
    toolkitVersion: VERSION,
    who: caller.who,
    door: caller.door,
    correlationId: caller.correlationId,
    why: fields.why ?? null,
    operation: fields.operation ?? null,
  });

/**
 * Runs `work` as a recorded deployment of a tenant or a cell, whose lock the caller holds.
 * @param work returns its result and the hash of the engine's final state.
 */
export const recordDeployment = async <T>(
  runtime: Runtime,
  subject: DeploymentSubject,
  fields: DeploymentFields,
  work: (deployment: RunningDeployment) => Promise<{ readonly result: T; readonly checkpointHash: string }>,
): Promise<T> => {
  const { control } = runtime;
  const number = await recordBegun(runtime, subject, fields);
  try {
    const { result, checkpointHash } = await work({
      number,
      applied: () => recordApplied(control, subject, number),
    });
    await endDeployment(control, subject, number, { outcome: 'done', checkpointHash });
    return result;
  } catch (error) {
    const errorCode = error instanceof RingfenceError ? error.code : 'internal';
    // The first error is the one to report; the next deployment marks this one as abandoned.
    await endDeployment(control, subject, number, { outcome: 'failed', errorCode }).catch(() => undefined);
    throw error;
  }
};
