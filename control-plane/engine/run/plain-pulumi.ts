import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { replaceFile } from '../../../core/files/whole-file.js';
import { PROJECT } from '../../../stacks/names.js';
import type { Project } from '../../project/project.js';
import { settingsPath, sharedSalt } from './encryption-salt.js';
import type { Workspace } from './workspace.js';

/**
 * Prepares the folder in which plain `pulumi` finds the programs of a project's stacks, and returns it: the project's own
 * where its Pulumi.yaml is Ringfence's, else `.ringfence/workspace`, whose Pulumi.yaml names the built program.
 */
export const plainPulumiFolder = (project: Project, workspace: Workspace): string => {
  seedSettings(workspace);
  if (isOurs(join(project.root, 'Pulumi.yaml'))) return project.root;
  const settings = { name: PROJECT, runtime: 'nodejs', main: builtProgram(), stackConfigDir: SETTINGS };
  replaceFile(join(workspace.dir, 'Pulumi.yaml'), stringify(settings));
  return workspace.dir;
};

const SETTINGS = 'settings';

/** Plain `pulumi` would choose a salt for each stack, and every run that reads two stacks would derive two keys. */
const seedSettings = (workspace: Workspace): void => {
  const salt = sharedSalt(workspace);
  const stacks = join(workspace.dir, 'stacks');
  if (!salt || !existsSync(stacks)) return;
  const dir = join(workspace.dir, SETTINGS);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  for (const stack of readdirSync(stacks)) {
    const path = settingsPath(dir, stack);
    if (!existsSync(path)) replaceFile(path, stringify({ encryptionsalt: salt }));
  }
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
