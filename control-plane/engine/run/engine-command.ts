import type { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { SemVer } from 'semver';
import type { Engine } from '../types.js';

/**
 * The Automation API's handle on an engine that was found. Its own `PulumiCommand.get` takes `<root>/bin/pulumi` only,
 * and runs the engine for the version that is known here (0.1 s); the constructor is private in its types alone.
 */
export const engineCommand = async (engine: Engine): Promise<PulumiCommand> => {
  const { PulumiCommand } = await import('@pulumi/pulumi/automation/index.js');
  return Reflect.construct(PulumiCommand, [engine.path, new SemVer(engine.version)]);
};
