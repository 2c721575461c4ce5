import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath } from '../engine/probe.js';
import type { Engine } from '../engine/types.js';
import type { Project } from '../project.js';
import { findPostgresqlPlugin } from './postgresql-plugin.js';

/** What lets plain `pulumi` find Ringfence's provider, and the stand-ins for what is not installed. */
export const pluginEnvironment = async (
  project: Project,
  engine: Engine,
  env: NodeJS.ProcessEnv,
): Promise<{ PATH: string; RINGFENCE_PROJECT: string; RINGFENCE_HOME: string }> => {
  const plugins = pluginsDir();
  const languageHost =
    (await findOnPath('pulumi-language-nodejs', { PATH: dirname(engine.path) })) ??
    (await findOnPath('pulumi-language-nodejs', env));
  const folders = [
    join(plugins, 'ringfence'),
    ...((await findPostgresqlPlugin(project, env)) ? [] : [join(plugins, 'postgresql')]),
    ...(languageHost ? [] : [join(plugins, 'nodejs')]),
  ];
  return {
    PATH: [...folders, env.PATH ?? ''].join(':'),
    RINGFENCE_PROJECT: project.root,
    RINGFENCE_HOME: project.home,
  };
};

/** The scripts are read from the package, beside dist/ when this is the built code. */
const pluginsDir = (): string => {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = ['../../stacks/plugins', '../../../stacks/plugins'].map((path) => join(here, path));
  return candidates.find(existsSync) ?? here;
};
