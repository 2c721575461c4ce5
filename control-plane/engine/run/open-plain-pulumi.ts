import { dirname } from 'node:path';
import { writeLocalPasswords } from '../../../data-plane/database/server/local-passwords.js';
import { POSTGRESQL_VERSION, PROVIDER_VERSION } from '../../../stacks/names.js';
import type { Project } from '../../project/project.js';
import { ensureEngine } from '../ensure.js';
import { findOnPath } from '../probe.js';
import type { Engine, EngineOptions } from '../types.js';
import { passwordEnvironment } from './password-environment.js';
import { placePlugins } from './placed-plugins.js';
import { plainPulumiFolder } from './plain-pulumi.js';
import { findPostgresqlPlugin } from './postgresql-plugin.js';
import { openWorkspace, pluginFolder } from './workspace.js';

/** How to run the engine by hand on a project's stacks. */
export interface PlainPulumi {
  /** The absolute path of the `pulumi` binary. */
  readonly enginePath: string;
  /** Where it is to be started. */
  readonly folder: string;
  /** State, passphrase, plugins and passwords, beside the user's own variables. */
  readonly env: Readonly<Record<string, string>>;
}

/** Prepares everything that plain `pulumi` needs. @throws RingfenceError as `ensureEngine` does */
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

/**
 * Lets plain `pulumi` find Ringfence's provider, and stand-ins for plugins that are not installed. @returns the variables
 * that they read.
 */
const pluginEnvironment = async (
  project: Project,
  engine: Engine,
  env: NodeJS.ProcessEnv,
): Promise<{ RINGFENCE_PROJECT: string; RINGFENCE_HOME: string }> => {
  const languageHost =
    (await findOnPath('pulumi-language-nodejs', { PATH: dirname(engine.path) })) ??
    (await findOnPath('pulumi-language-nodejs', env));
  placePlugins(pluginFolder(project), [
    { kind: 'resource', name: 'ringfence', version: PROVIDER_VERSION },
    ...((await findPostgresqlPlugin(project, env))
      ? []
      : [{ kind: 'resource' as const, name: 'postgresql', version: POSTGRESQL_VERSION }]),
    ...(languageHost ? [] : [{ kind: 'language' as const, name: 'nodejs', version: engine.version }]),
  ]);
  return { RINGFENCE_PROJECT: project.root, RINGFENCE_HOME: project.home };
};
