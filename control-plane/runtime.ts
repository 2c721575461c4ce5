import type pg from 'pg';
import type { Target } from '../stacks/provider/dependencies.js';
import { RingfenceError } from '../tenants/errors.js';
import { openControlDatabase } from './control-database.js';
import { objectStores } from './deployment/object-stores.js';
import type { StackRunner } from './deployment/stack-run.js';
import { openTargets } from './deployment/targets.js';
import { makeHome } from './home.js';
import type { Project } from './project.js';

/** What the operations of one command share. The engine is found, or obtained, when it is first needed. */
export interface Runtime {
  readonly project: Project;
  readonly control: pg.Pool;
  readonly target: Target;
  stackRunner(): Promise<StackRunner>;
  /** Something was done that must outlive this machine: the control database's log goes into the object store at the end. */
  hasChanged(): void;
  /** Marks a point that a test may crash the process at. */
  reached(point: string): void;
  now(): Date;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  readonly project: Project;
  readonly env: NodeJS.ProcessEnv;
  /** Lines about obtaining the engine, and waiting for AWS. */
  readonly onProgress: (line: string) => void;
  readonly reached?: (point: string) => void;
}

export const openRuntime = async (options: RuntimeOptions): Promise<Runtime> => {
  const { project, reached = () => undefined } = options;
  const objects = objectStores(project, options.env);
  makeHome(project);
  const control = await openControlDatabase(project, options.env);
  const target = openTargets({ ...options, control, objects, reached });
  let runner: Promise<StackRunner> | undefined;
  let changed = false;
  const runtime: Runtime = {
    project,
    control,
    target,
    stackRunner: () => {
      runner ??= import('./deployment/open-runner.js').then(({ openRunner }) => openRunner(options, target));
      return runner;
    },
    hasChanged: () => {
      changed = true;
    },
    reached,
    now: () => new Date(),
    close: async () => {
      if (changed) await sendLog(runtime, options.onProgress);
      (await runner?.catch(() => undefined))?.ringfence.close();
      target.tenantKeys.close();
      await control.end();
    },
  };
  return runtime;
};

/** What was done stays done where the object store does not answer; the next command or the worker sends it. */
const sendLog = async (runtime: Runtime, say: (line: string) => void): Promise<void> => {
  const { forkWarning, keepControl } = await import('./control-backup/keep.js');
  try {
    const { forkedFrom } = await keepControl(runtime, { base: false });
    if (forkedFrom !== null) say(forkWarning(forkedFrom));
  } catch (error) {
    const why = error instanceof RingfenceError ? `[${error.code}] ${error.message}` : String(error);
    say(`the backup of the control database is behind: ${why}`);
  }
};
