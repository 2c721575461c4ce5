import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeHome } from '../../project/home.js';
import type { Project } from '../../project/project.js';
import type { StateStore } from '../../project/state/state-store.js';

/** What the engine works on for a project: its state, and folders below `.ringfence` for stack settings and its own home. */
export interface Workspace {
  readonly dir: string;
  readonly state: StateStore;
  /** For every run of the engine. Secrets are named by file, never by value. */
  readonly env: Record<string, string>;
}

/** The variables that make any `pulumi` work on this project's stacks. */
const engineEnvironment = (project: Project, state: StateStore): Record<string, string> => ({
  ...state.env,
  PULUMI_HOME: engineHome(project),
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
  PULUMI_SKIP_UPDATE_CHECK: 'true',
});

/** Makes the folders where they are missing, and the state ready. @throws RingfenceError as `StateStore.prepare` */
export const openWorkspace = async (project: Project, state: StateStore): Promise<Workspace> => {
  const workspace = workspaceOf(project, state);
  await state.prepare();
  return workspace;
};

/** Makes the folders where they are missing. */
export const workspaceOf = (project: Project, state: StateStore): Workspace => {
  makeHome(project);
  const dir = join(project.home, 'workspace');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return { dir, state, env: { ...engineEnvironment(project, state), ...COLLECT_LATER } };
};

/** An engine lives for a second and never grows large: collecting its garbage later saves about a tenth of its time. */
const COLLECT_LATER = { GOGC: '400' };

/** The folder of one stack's settings: a run writes there, so concurrent runs need one each. */
export const openStackDir = (workspace: Workspace, stack: string): string => {
  const dir = join(workspace.dir, 'stacks', stack);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return dir;
};

/** The folder of the settings of all stacks for plain `pulumi`, which a person may add to. */
export const plainSettingsDir = (workspace: Pick<Workspace, 'dir'>): string =>
  join(workspace.dir, 'settings');

export const removeStackDir = (workspace: Workspace, stack: string): void =>
  rmSync(join(workspace.dir, 'stacks', stack), { recursive: true, force: true });

/** The engine's plugin folder. */
export const pluginFolder = (project: Project): string => join(engineHome(project), 'plugins');

const engineHome = (project: Project): string => join(project.home, 'pulumi');

export const stackDir = (project: Project, stack: string): string =>
  join(project.home, 'workspace', 'stacks', stack);
