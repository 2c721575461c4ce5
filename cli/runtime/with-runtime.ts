import type { Runtime, RuntimeOptions } from '../../control-plane/runtime.js';
import { RingfenceError } from '../../core/errors.js';
import type { Context } from '../terminal/context.js';

/**
 * Opens the services of the operations, for the length of one command.
 * @param options.create lets the command begin a project; without it a fresh one stays as it is.
 * @throws RingfenceError `tenant_not_found` for a fresh project that the command may not begin.
 */
export const withRuntime = async <T>(
  context: Context,
  work: (runtime: Runtime) => Promise<T>,
  options: { create?: boolean; acceptOlder?: boolean | undefined } = {},
): Promise<T> => {
  if (!options.create && (await isFresh(context))) {
    throw new RingfenceError('tenant_not_found', `${context.project.root} has no tenants and no cells yet`, {
      fix: 'onboard the first with `ringfence tenants add`, or say where the project is with -C',
    });
  }
  const { inRuntime } = await import('../../control-plane/open-runtime.js');
  return inRuntime({ ...runtimeOptions(context), acceptOlder: options.acceptOlder }, work);
};

/** What a command opens a runtime with. */
export const runtimeOptions = ({ project, caller, terminal, say }: Context): RuntimeOptions => {
  const { env } = terminal;
  // Lets a test end the process at a named point, as a power cut would.
  const reached = (point: string) =>
    void (point === env.RINGFENCE_CRASH_AT && process.kill(process.pid, 'SIGKILL'));
  return { project, caller, env, onProgress: say, reached };
};

/**
 * Throws for a fresh project: nothing was deployed, so there is no control database.
 * @throws RingfenceError `data_lost` where there was one.
 */
export const isFresh = async ({ project, terminal }: Context): Promise<boolean> =>
  (await import('../../control-plane/project/control-database.js')).isFreshProject(project, terminal.env);
