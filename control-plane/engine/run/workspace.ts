import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RingfenceError } from '../../../core/errors.js';
import { createSecretFile } from '../../../core/files/secret-file.js';
import { makeHome } from '../../project/home.js';
import { type Project, stateDir } from '../../project/project.js';
import { hasStacks } from './engine-state.js';

/** The engine's folders for a project: state, stack settings and its own home, all below `.ringfence`. */
export interface Workspace {
  readonly dir: string;
  /** The folder of the engine's file backend. */
  readonly stateDir: string;
  /** For every run of the engine. Secrets are named by file, never by value. */
  readonly env: Record<string, string>;
}

/** The variables that make any `pulumi` work on this project's stacks. */
const engineEnvironment = (project: Project): Record<string, string> => ({
  PULUMI_BACKEND_URL: pathToFileURL(stateDir(project)).href,
  PULUMI_HOME: engineHome(project),
  PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(project),
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
  PULUMI_SKIP_UPDATE_CHECK: 'true',
});

/** Makes the folders and the passphrase of the state's secrets where they are missing. */
export const openWorkspace = (project: Project): Workspace => {
  makeHome(project);
  const dir = join(project.home, 'workspace');
  for (const folder of [dir, stateDir(project)]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(passphraseFile(project)) && hasStacks(stateDir(project))) throw passphraseLost(project);
  createSecretFile(passphraseFile(project), randomBytes(32).toString('base64url'));
  return { dir, stateDir: stateDir(project), env: { ...engineEnvironment(project), ...COLLECT_LATER } };
};

/** An engine lives for a second and never grows large: collecting its garbage later saves about a tenth of its time. */
const COLLECT_LATER = { GOGC: '400' };

/** The folder of one stack's settings: a run writes there, so concurrent runs need one each. */
export const openStackDir = (workspace: Workspace, stack: string): string => {
  const dir = join(workspace.dir, 'stacks', stack);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return dir;
};

export const removeStackDir = (workspace: Workspace, stack: string): void =>
  rmSync(join(workspace.dir, 'stacks', stack), { recursive: true, force: true });

/** The engine's plugin folder. */
export const pluginFolder = (project: Project): string => join(engineHome(project), 'plugins');

const engineHome = (project: Project): string => join(project.home, 'pulumi');

export const stackDir = (project: Project, stack: string): string =>
  join(project.home, 'workspace', 'stacks', stack);

export const passphraseFile = (project: Project): string => join(project.home, 'passphrase');

/** A new passphrase would not open the stacks' sealed values. */
const passphraseLost = (project: Project): RingfenceError =>
  new RingfenceError(
    'passphrase_lost',
    `${passphraseFile(project)} is gone, and stacks are sealed under it`,
    {
      fix: `restore the file from its copy; where there is none, remove ${stateDir(project)} and ${join(project.home, 'workspace')}: the next deployment adopts what is there, under a new passphrase`,
    },
  );
