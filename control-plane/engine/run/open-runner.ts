import type { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { SemVer } from 'semver';
import { postgresqlStandIn } from '../../../stacks/protocol/postgresql-stand-in/provider.js';
import type { Target } from '../../../stacks/protocol/provider/dependencies.js';
import { ringfenceProvider } from '../../../stacks/protocol/provider/ringfence-provider.js';
import { serveProvider } from '../../../stacks/protocol/provider/serve.js';
import type { StateStore } from '../../project/state/state-store.js';
import { ensureEngine } from '../ensure.js';
import type { Engine, EngineOptions } from '../types.js';
import { engineOutput } from './engine-output.js';
import { findResourcePlugin } from './resource-plugin.js';
import type { StackRunner } from './stack-run.js';
import { openWorkspace } from './workspace.js';

/** Finds or obtains the engine and serves Ringfence's provider to it. */
export const openRunner = async (
  options: EngineOptions,
  state: StateStore,
  target: Target,
): Promise<StackRunner> => {
  const workspace = await openWorkspace(options.project, state);
  const [engine, plugin] = await Promise.all([
    ensureEngine(options),
    findResourcePlugin('postgresql', options.project, options.env),
  ]);
  const command = await engineCommand(engine);
  // Last, because a provider that is served keeps the process alive until it is closed.
  const ringfence = await serveProvider(ringfenceProvider(target));
  return {
    workspace,
    command,
    env: options.env,
    ringfence,
    hasPlugin: async (name) => (await findResourcePlugin(name, options.project, options.env)) !== undefined,
    readOutput: engineOutput(options.project, options.env),
    ...(plugin ? {} : { serveStandIn: (passwordFile) => serveProvider(postgresqlStandIn(passwordFile)) }),
  };
};

/**
 * The Automation API's handle on an engine that was found. The API's own `PulumiCommand.get` takes `<root>/bin/pulumi`
 * only, and runs the engine to learn a version that is known here (0.1 s). Only the types make the constructor private.
 */
const engineCommand = async (engine: Engine): Promise<PulumiCommand> => {
  const { PulumiCommand } = await import('@pulumi/pulumi/automation/index.js');
  return Reflect.construct(PulumiCommand, [engine.path, new SemVer(engine.version)]);
};
