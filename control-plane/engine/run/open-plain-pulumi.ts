import { writeLocalPasswords } from '../../../data-plane/database/server/local-passwords.js';
import { ensureEngine } from '../ensure.js';
import type { EngineOptions } from '../types.js';
import { passwordEnvironment } from './password-environment.js';
import { plainPulumiFolder } from './plain-pulumi.js';
import { pluginEnvironment } from './plugin-environment.js';
import { openWorkspace } from './workspace.js';

/** How to run the engine by hand on a project's stacks. */
export interface PlainPulumi {
  /** The absolute path of the `pulumi` binary. */
  readonly enginePath: string;
  /** Where it is to be started. */
  readonly folder: string;
  /** State, passphrase, plugins and passwords, beside the user's own variables. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes ready what plain `pulumi` needs. @throws RingfenceError as `ensureEngine` does */
export const openPlainPulumi = async (options: EngineOptions): Promise<PlainPulumi> => {
  const { project, env } = options;
  const engine = await ensureEngine(options);
  const workspace = openWorkspace(project);
  const folder = plainPulumiFolder(project, workspace);
  return {
    enginePath: engine.path,
    folder,
    env: {
      ...workspace.env,
      ...passwordEnvironment(writeLocalPasswords(project.home)),
      ...(await pluginEnvironment(project, engine, env)),
    },
  };
};
