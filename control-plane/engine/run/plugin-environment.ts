import { dirname } from 'node:path';
import { POSTGRESQL_VERSION, PROVIDER_VERSION } from '../../../stacks/names.js';
import type { Project } from '../../project/project.js';
import { findOnPath } from '../probe.js';
import type { Engine } from '../types.js';
import { placePlugins } from './placed-plugins.js';
import { findPostgresqlPlugin } from './postgresql-plugin.js';
import { pluginFolder } from './workspace.js';

/** Lets plain `pulumi` find Ringfence's provider, and the stand-ins for what is not installed. @returns what they read. */
export const pluginEnvironment = async (
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
