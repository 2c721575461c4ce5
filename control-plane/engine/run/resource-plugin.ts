import { readdir } from 'node:fs/promises';
import type { Project } from '../../project/project.js';
import { findOnPath } from '../probe.js';
import { isPlaced } from './placed-plugins.js';
import { pluginFolder } from './workspace.js';

/** Looks for the real plugin of a provider where the engine does: on PATH and in its plugin folder. */
export const findResourcePlugin = async (
  name: string,
  project: Project,
  env: NodeJS.ProcessEnv,
): Promise<{ path: string; versions: string[] } | undefined> => {
  const folder = pluginFolder(project);
  const versioned = new RegExp(`^resource-${name}-v(\\d+\\.\\d+\\.\\d+.*)$`);
  const versions = (await readdir(folder).catch(() => []))
    .filter((entry) => !isPlaced(entry))
    .map((entry) => versioned.exec(entry)?.[1])
    .filter((version) => version !== undefined);
  const onPath = await findOnPath(`pulumi-resource-${name}`, env);
  if (onPath) return { path: onPath, versions };
  return versions.length > 0 ? { path: folder, versions } : undefined;
};
