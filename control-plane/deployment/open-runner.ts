import { postgresqlStandIn } from '../../stacks/postgresql-stand-in/provider.js';
import type { Target } from '../../stacks/provider/dependencies.js';
import { ringfenceProvider } from '../../stacks/provider/ringfence-provider.js';
import { serveProvider } from '../../stacks/provider/serve.js';
import { ensureEngine } from '../engine/ensure.js';
import type { RuntimeOptions } from '../runtime.js';
import { engineCommand } from './engine-command.js';
import { engineOutput } from './engine-output.js';
import { findPostgresqlPlugin } from './postgresql-plugin.js';
import type { StackRunner } from './stack-run.js';
import { openWorkspace } from './workspace.js';

/** Finds or obtains the engine and serves Ringfence's provider to it. */
export const openRunner = async (options: RuntimeOptions, target: Target): Promise<StackRunner> => {
  const workspace = openWorkspace(options.project);
  const [engine, plugin] = await Promise.all([
    ensureEngine({ project: options.project, env: options.env, onProgress: options.onProgress }),
    findPostgresqlPlugin(options.project, options.env),
  ]);
  const command = await engineCommand(engine);
  // Last, because a provider that is served keeps the process alive until it is closed.
  const ringfence = await serveProvider(ringfenceProvider(target));
  return {
    workspace,
    command,
    ringfence,
    readOutput: engineOutput(options.project, options.env),
    ...(plugin ? {} : { serveStandIn: (passwordFile) => serveProvider(postgresqlStandIn(passwordFile)) }),
  };
};
