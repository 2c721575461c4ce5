import type { EngineEvent, PulumiCommand, Stack } from '@pulumi/pulumi/automation/index.js';
import { RingfenceError } from '../../../core/errors.js';
import { PROJECT } from '../../../stacks/names.js';
import type { ResourceOperation, RunningProvider } from '../../../stacks/protocol/provider/serve.js';
import { type StackInputs, writeStackInputs } from '../../../stacks/stack-inputs.js';
import type { ServerCredentials } from '../../../targets/target.js';
import { hasStack, mayBeUnfinished, unlockUnmade } from '../../project/state/stack-files.js';
import { waitForAbandonedRun } from './abandoned-run.js';
import { adoptPending, type KnownId } from './adopt-pending.js';
import { changeOf, type ResourceChange } from './change.js';
import { translateEngineError } from './engine-errors.js';
import type { ReadEngineOutput } from './engine-output.js';
import { importStack } from './import-stack.js';
import { passwordEnvironment, withPasswordFile } from './password-environment.js';
import { type EngineResource, previewedOf } from './previewed-resource.js';
import { stackResources } from './stack-hash.js';
import { stackSeal } from './stack-seal.js';
import { withThrowawayWorkspace } from './throwaway-workspace.js';
import { openStackDir, removeStackDir, type Workspace } from './workspace.js';

/** The settings of a run of the engine besides the program. */
export interface StackRunner {
  readonly workspace: Workspace;
  readonly command: PulumiCommand;
  /** What the engine inherits. */
  readonly env: NodeJS.ProcessEnv;
  readonly ringfence: RunningProvider;
  readonly readOutput: ReadEngineOutput;
  /** Whether the engine finds the plugin of a provider that nobody serves here. */
  hasPlugin(name: string): Promise<boolean>;
  /** For one run, because its configuration names one server. Absent where the postgresql plugin is installed. */
  readonly serveStandIn?: (passwordFile: string) => Promise<RunningProvider>;
}

export interface StackRun {
  readonly stack: string;
  readonly program: () => Promise<Record<string, unknown>>;
  /**
   * The administrator of the server on which the stack's resources of @pulumi/postgresql are. The engine does not see the
   * password. Absent where it has none.
   */
  readonly admin?: ServerCredentials;
  /** Kept beside the stack's settings for plain `pulumi`; absent for a removal. */
  readonly inputs?: StackInputs;
  /** An earlier run of this stack was killed: its lock and its pending operations are cleared first. */
  readonly recover: boolean;
  /** Look at the real resources first. */
  readonly refresh?: boolean;
  /** For resources whose creation does not adopt what exists: it finds what a killed run was making. Needs `refresh`. */
  readonly knownId?: KnownId;
  /** Refreshing and removing use the program's providers, not those of the last deployment, which may be reached otherwise. */
  readonly ownProviders?: boolean;
  /**
   * Told of each resource of providers that this process serves, as it is made, changed or removed; reading the engine's own event
   * log costs 0.2 s a run.
   */
  readonly onChange?: (change: ResourceChange) => void;
  /** Told of each resource, of any provider, as it begins, by that log. */
  readonly onEvent?: (change: ResourceChange) => void;
}

/** Deploys the stack. @returns its outputs; none is secret. @throws RingfenceError of the resource that failed. */
export const deployStack = async (runner: StackRunner, run: StackRun): Promise<Record<string, unknown>> => {
  const { output } = await import('@pulumi/pulumi');
  let declared: Record<string, unknown> = {};
  const program = async () => {
    declared = await run.program();
    return declared;
  };
  return withStack(runner, { ...run, program }, async (stack) => {
    await stack.up({
      refresh: run.refresh === true,
      ...programOption(run),
      suppressOutputs: true,
      suppressProgress: true,
      ...eventOption(run),
    });
    return new Promise((resolve) => output(declared).apply(resolve));
  });
};

/** Each resource is told once for what is done to it: the engine says of a replaced one that it is made, replaced and deleted. */
const eventOption = ({ onEvent }: StackRun): { onEvent?: (event: EngineEvent) => void } => {
  if (onEvent === undefined) return {};
  const told = new Set<string>();
  return {
    onEvent: (event) => {
      const change = changeOf(event);
      if (change === undefined) return;
      const key = `${change.action} ${change.type} ${change.name}`;
      if (told.has(key)) return;
      told.add(key);
      onEvent(change);
    },
  };
};

/** A stack to preview. */
export interface PreviewRun extends StackRun {
  readonly exists: boolean;
  /** Told of each resource with its inputs. */
  readonly onResource?: (resource: EngineResource) => void;
}

/**
 * @returns what a deployment would change, in the engine's order; nothing is changed. A stack that does not exist yet
 * is previewed in a throw-away state.
 */
export const previewStack = (runner: StackRunner, run: PreviewRun): Promise<ResourceChange[]> =>
  run.exists
    ? preview(runner, run)
    : withThrowawayWorkspace(runner.workspace, (workspace) => preview({ ...runner, workspace }, run));

const preview = (runner: StackRunner, run: PreviewRun): Promise<ResourceChange[]> =>
  withStack(runner, run, async (stack) => {
    const changes: ResourceChange[] = [];
    await stack.preview({
      refresh: run.refresh === true,
      ...programOption(run),
      onEvent: (event) => {
        const change = changeOf(event);
        if (change) changes.push(change);
        const resource = run.onResource && previewedOf(event);
        if (resource) run.onResource?.(resource);
      },
    });
    return changes;
  });

/**
 * Removes everything that the stack made, then the stack. Protection of its resources ends first. Does nothing without such
 * a stack.
 */
export const destroyStack = (runner: StackRunner, run: StackRun): Promise<void> =>
  withStack(runner, run, async (stack) => {
    await unprotect(runner, stack);
    await stack.destroy({
      ...programOption(run),
      suppressOutputs: true,
      suppressProgress: true,
      ...eventOption(run),
    });
    await stack.workspace.removeStack(run.stack);
    removeStackDir(runner.workspace, run.stack);
  });

const unprotect = async (runner: StackRunner, stack: Stack): Promise<void> => {
  const state = await stack.exportStack();
  const deployment = state.deployment as { resources?: Readonly<Record<string, unknown>>[] };
  const resources = deployment.resources?.map((resource) => ({ ...resource, protect: false }));
  if (resources) await importStack(runner, stack, { ...state, deployment: { ...deployment, resources } });
};

/** Removes a stack whose resources were taken away before, with everything that the engine still knows of it. */
export const forgetStack = (
  runner: StackRunner,
  stack: string,
  { recover }: Pick<StackRun, 'recover'>,
): Promise<void> =>
  withStack(runner, { stack, recover, program: async () => ({}) }, async ({ workspace }) => {
    await workspace.removeStack(stack, { force: true });
    removeStackDir(runner.workspace, stack);
  });

/**
 * Makes the engine forget a stack's resources in a cell, also protected ones. The real things were taken away before. Does
 * nothing without such a stack.
 */
export const forgetResourcesIn = (
  runner: StackRunner,
  stack: string,
  cell: string,
  { recover }: Pick<StackRun, 'recover'>,
): Promise<void> =>
  withStack(runner, { stack, recover, program: async () => ({}) }, async (opened) => {
    const state = await opened.exportStack();
    const deployment = state.deployment as { resources?: readonly KnownResource[] };
    const isInCell = ({ inputs }: KnownResource): boolean => inputs?.cell === cell;
    const forgotten = new Set((deployment.resources ?? []).filter(isInCell).map(({ urn }) => urn));
    if (forgotten.size === 0) return;
    const resources = deployment.resources
      ?.filter(({ urn }) => !forgotten.has(urn))
      .map((resource) => ({
        ...resource,
        dependencies: resource.dependencies?.filter((urn) => !forgotten.has(urn)),
      }));
    await importStack(runner, opened, { ...state, deployment: { ...deployment, resources } });
  });

/** What a program declares, its state lacks, and is there all the same. */
interface LostThing {
  readonly urn: string;
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/**
 * Takes things into the state of a stack with one provider, so that the next run with `refresh` looks at them and mends them.
 * @param found.provider a program of the stack's provider alone: a state that was lost has none.
 */
export const adoptLost = async (
  runner: StackRunner,
  stack: string,
  found: {
    readonly provider: StackRun['program'];
    readonly lost: readonly LostThing[];
    readonly knownId: KnownId;
  },
): Promise<void> => {
  const { lost, knownId } = found;
  const known = (await stackResources(runner.workspace.state, stack)) ?? [];
  if (!known.some(isProvider)) await deployStack(runner, { stack, program: found.provider, recover: true });
  await withStack(runner, { stack, recover: true, program: async () => ({}) }, async (opened) => {
    const state = await opened.exportStack();
    const deployment = state.deployment as { resources?: readonly StoredProvider[] };
    const provider = deployment.resources?.find(isProvider);
    if (!provider) throw new RingfenceError('internal', `stack ${stack} has no provider`);
    const reference = { provider: `${provider.urn}::${provider.id}`, parent: provider.parent };
    const pending_operations = lost.map((thing) => ({
      type: 'creating',
      resource: { ...thing, ...reference, custom: true },
    }));
    await importStack(runner, opened, {
      ...state,
      deployment: adoptPending({ ...deployment, pending_operations }, knownId),
    });
  });
};

interface StoredProvider {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly parent?: string;
}

const isProvider = ({ type }: { readonly type: string }): boolean => type.startsWith('pulumi:providers:');

interface KnownResource {
  readonly urn: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly dependencies?: readonly string[];
}

const programOption = ({ ownProviders }: StackRun): { runProgram?: boolean } =>
  ownProviders ? { runProgram: true } : {};

const withStack = <T>(runner: StackRunner, run: StackRun, work: (stack: Stack) => Promise<T>): Promise<T> => {
  const workDir = openStackDir(runner.workspace, run.stack);
  if (!run.admin) return withOpenStack(runner, run, { workDir }, work);
  return withPasswordFile(workDir, run.admin, (passwordFile) =>
    withOpenStack(runner, run, { workDir, passwordFile }, work),
  );
};

const withOpenStack = async <T>(
  runner: StackRunner,
  run: StackRun,
  { workDir, passwordFile }: { workDir: string; passwordFile?: string },
  work: (stack: Stack) => Promise<T>,
): Promise<T> => {
  const { LocalWorkspace } = await import('@pulumi/pulumi/automation/index.js');
  const standIn = passwordFile === undefined ? undefined : await runner.serveStandIn?.(passwordFile);
  const attached = [runner.ringfence, ...(standIn ? [standIn] : [])];
  const onOperation =
    run.onChange && ((operation: ResourceOperation) => run.onChange?.({ ...operation, changed: [] }));
  const watches = attached.map((provider) => provider.watch(run.stack, onOperation));
  if (run.inputs) writeStackInputs(workDir, run.inputs);
  const { state } = runner.workspace;
  const seal = stackSeal(runner.workspace);
  try {
    await state.requireHome();
    // Comes before the stack is read: an engine that lost its Ringfence still writes its files.
    if (run.recover) {
      await waitForAbandonedRun(state, run.stack);
      await unlockUnmade(state, run.stack);
    } else state.mend(run.stack);
    const isNew = !run.recover && !(await hasStack(state, run.stack));
    const settings = await seal.settingsFor(run.stack, workDir);
    const stack = await LocalWorkspace[isNew ? 'createStack' : 'createOrSelectStack'](
      { stackName: run.stack, projectName: PROJECT, program: run.program },
      {
        workDir,
        // Otherwise the engine keeps the folder of the first run, which may be gone.
        projectSettings: { name: PROJECT, runtime: 'nodejs' },
        ...seal.options,
        ...(settings ? { stackSettings: { [run.stack]: settings } } : {}),
        pulumiCommand: runner.command,
        envVars: {
          ...runner.workspace.env,
          ...(passwordFile === undefined ? {} : passwordEnvironment(passwordFile)),
          PULUMI_DEBUG_PROVIDERS: attached.map(({ name, port }) => `${name}:${port}`).join(','),
        },
      },
    );
    // After an update the SDK would run the engine three times more (0.7 s), for values that are known here or that nobody
    // reads.
    Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });
    seal.keep(run.stack, workDir);
    if (run.recover) await clearKilledRun(runner, stack, run.knownId);
    return await work(stack);
  } catch (error) {
    throw (
      watches.map((watch) => watch.firstFailure()).find((known) => known !== undefined) ??
      translateEngineError(error, run.stack, (said) =>
        runner.readOutput(run.stack, said, run.admin ? [run.admin.password] : []),
      )
    );
  } finally {
    for (const watch of watches) watch.stop();
    standIn?.close();
  }
};

/**
 * A killed run leaves a lock, and operations that began and never ended (pulumi #4265). The caller holds the
 * tenant's lock, so nobody else is running; creation adopts what exists, so the operations can be forgotten.
 */
const clearKilledRun = async (
  runner: StackRunner,
  stack: Stack,
  knownId: KnownId = () => undefined,
): Promise<void> => {
  if (!(await mayBeUnfinished(runner.workspace.state, stack.name))) return;
  await stack.cancel();
  const state = await stack.exportStack();
  const deployment = state.deployment as Parameters<typeof adoptPending>[0] | undefined;
  if (!deployment?.pending_operations?.length) return;
  await importStack(runner, stack, { ...state, deployment: adoptPending(deployment, knownId) });
};
