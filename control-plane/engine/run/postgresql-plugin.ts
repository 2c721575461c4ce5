import { readdir } from 'node:fs/promises';
import type { Project } from '../../project/project.js';
import { findOnPath } from '../probe.js';
import { isPlaced } from './placed-plugins.js';
import { pluginFolder } from './workspace.js';

const BINARY = 'pulumi-resource-postgresql';
const FOLDER = /^resource-postgresql-v(\d+\.\d+\.\d+.*)$/;

/** Looks for the real plugin of @pulumi/postgresql where the engine does: on PATH and in its plugin folder. */
export const findPostgresqlPlugin = async (
  project: Project,
  env: NodeJS.ProcessEnv,
): Promise<{ path: string; versions: string[] } | undefined> => {
  const folder = pluginFolder(project);
  const versions = (await readdir(folder).catch(() => []))
    .filter((name) => !isPlaced(name))
    .map((name) => FOLDER.exec(name)?.[1])
    .filter((version) => version !== undefined);
  const onPath = await findOnPath(BINARY, env);
  if (onPath) return { path: onPath, versions };
  return versions.length > 0 ? { path: folder, versions } : undefined;
};
