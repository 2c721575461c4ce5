import { RingfenceError } from '../core/errors.js';
import { edgeReports } from '../targets/edge/reports.js';
import type { StackRunner } from './engine/run/stack-run.js';
import { openControlDatabase } from './project/control-database.js';
import { notePosition } from './project/control-position.js';
import { makeHome } from './project/home.js';
import { objectStores } from './project/object-stores.js';
import { openState } from './project/state/open-state.js';
import type { Runtime, RuntimeOptions } from './runtime.js';
import { openTargets } from './targets/targets.js';

export const openRuntime = async (options: RuntimeOptions): Promise<Runtime> => {
  const { project, caller, reached = () => undefined } = options;
  const objects = objectStores(project, options.env);
  const state = openState(project, options.env);
  makeHome(project);
  const { pool: control, server: controlServer } = await openControlDatabase(project, options.env, {
    ...{ acceptOlder: options.acceptOlder, isCarrying: options.isCarrying },
    ...{ reached, say: options.onProgress },
  });
  const target = openTargets({ ...options, control, objects, reached });
  let runner: Promise<StackRunner> | undefined;
  let newest: Promise<void> | undefined;
  let changed = false;
  const runtime: Runtime = {
    project,
    caller,
    control,
    controlServer,
    state,
    target,
    edge: edgeReports(options.env),
    stackRunner: () => {
      runner ??= import('./engine/run/open-runner.js').then(({ openRunner }) =>
        openRunner(options, state, target),
      );
      return runner;
    },
    beforeChange: () => {
      newest ??= import('./control-backup/behind.js').then(({ refuseBehind }) =>
        refuseBehind(project, objects, options.onProgress),
      );
      return newest;
    },
    hasChanged: () => {
      changed = true;
    },
    reached,
    now: () => new Date(),
    close: async () => {
      if (changed && controlServer === undefined) await sendLog(runtime, options.onProgress);
      (await runner?.catch(() => undefined))?.ringfence.close();
      target.tenantKeys.close();
      // Where a provider keeps it, no file of this machine can be an earlier one.
      if (controlServer === undefined) await notePosition(project, control, runtime.now());
      await control.end();
    },
  };
  return runtime;
};

/** A result stays when the object store does not answer: the next command or the worker sends it. */
const sendLog = async (runtime: Runtime, say: (line: string) => void): Promise<void> => {
  const { forkWarning, keepControl } = await import('./control-backup/keep.js');
  try {
    const { forkedFrom } = await keepControl(runtime, { base: false, erasureNotes: false });
    if (forkedFrom !== null) say(forkWarning(forkedFrom));
  } catch (error) {
    const why = error instanceof RingfenceError ? `[${error.code}] ${error.message}` : String(error);
    say(`the backup of the control database is behind: ${why}`);
  }
};

/** Opens it for the length of `work`. */
export const inRuntime = async <T>(
  options: RuntimeOptions,
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> => {
  const runtime = await openRuntime(options);
  try {
    return await work(runtime);
  } finally {
    await runtime.close();
  }
};
