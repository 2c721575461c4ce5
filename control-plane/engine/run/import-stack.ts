import type { Deployment, PulumiCommand, Stack } from '@pulumi/pulumi/automation/index.js';
import type { ReadEngineOutput } from './engine-output.js';
import { runEngine } from './run-engine.js';

/** The engine, and what it inherits. */
interface ImportingEngine {
  readonly command: PulumiCommand;
  readonly readOutput: ReadEngineOutput;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Gives a stack another state. The Automation API's own `importStack` writes it, with every secret, into a file in the temporary
 * folder that others may read, and leaves it there when the engine fails.
 */
export const importStack = async (
  { command, readOutput, env }: ImportingEngine,
  { name, workspace }: Stack,
  state: Deployment,
): Promise<void> => {
  await runEngine(
    { enginePath: command.command, readOutput },
    {
      stack: name,
      args: ['stack', 'import'],
      dir: workspace.workDir,
      env: { ...env, ...workspace.envVars },
      input: JSON.stringify(state),
    },
  );
};
