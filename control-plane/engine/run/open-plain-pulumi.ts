import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { replaceFile } from '../../../core/files/whole-file.js';
import { writeLocalPasswords } from '../../../data-plane/database/server/local-passwords.js';
import { POSTGRESQL_VERSION, PROJECT, PROVIDER_VERSION } from '../../../stacks/names.js';
import type { Project } from '../../project/project.js';
import { openState } from '../../project/state/open-state.js';
import { listStacks } from '../../project/state/stack-files.js';
import { ensureEngine } from '../ensure.js';
import { findOnPath } from '../probe.js';
import type { Engine, EngineOptions } from '../types.js';
import { passwordEnvironment } from './password-environment.js';
import { placePack } from './placed-pack.js';
import { placePlugins } from './placed-plugins.js';
import { findResourcePlugin } from './resource-plugin.js';
import { seedSettings } from './stack-seal.js';
import { openWorkspace, plainSettingsDir, pluginFolder, type Workspace } from './workspace.js';

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
  const workspace = await openWorkspace(project, openState(project, env));
  const folder = await plainPulumiFolder(project, workspace);
  placePack(workspace.dir);
  workspace.state.mend();
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
    ...((await findResourcePlugin('postgresql', project, env))
      ? []
      : [{ kind: 'resource' as const, name: 'postgresql', version: POSTGRESQL_VERSION }]),
    ...(languageHost ? [] : [{ kind: 'language' as const, name: 'nodejs', version: engine.version }]),
  ]);
  return { RINGFENCE_PROJECT: project.root, RINGFENCE_HOME: project.home };
};

/**
 * Prepares the folder in which plain `pulumi` finds the programs of a project's stacks, and returns it: the project's own
 * where its Pulumi.yaml is Ringfence's, else `.ringfence/workspace`, whose Pulumi.yaml names the built program.
 */
const plainPulumiFolder = async (project: Project, workspace: Workspace): Promise<string> => {
  await seedAllSettings(workspace);
  if (isOurs(join(project.root, 'Pulumi.yaml'))) return project.root;
  const settings = {
    name: PROJECT,
    runtime: 'nodejs',
    main: builtProgram(),
    stackConfigDir: basename(plainSettingsDir(workspace)),
  };
  replaceFile(join(workspace.dir, 'Pulumi.yaml'), stringify(settings));
  return workspace.dir;
};

/** Plain `pulumi` would choose a salt for each stack, and every run that reads two stacks would derive two keys. */
const seedAllSettings = async (workspace: Workspace): Promise<void> => {
  const dir = plainSettingsDir(workspace);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  for (const stack of await listStacks(workspace.state)) await seedSettings(workspace, stack, dir);
};

/** A user's folder may hold a Pulumi project of its own. */
const isOurs = (path: string): boolean => {
  if (!existsSync(path)) return false;
  try {
    return (parse(readFileSync(path, 'utf8')) as { name?: unknown } | null)?.name === PROJECT;
  } catch {
    return false;
  }
};

/** Beside this file in dist/, or in the dist/ of the package when this is the source. */
const builtProgram = (): string =>
  ['../../../stacks/index.js', '../../../dist/stacks/index.js']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find(existsSync) ?? '.';
