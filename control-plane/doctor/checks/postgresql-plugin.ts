import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from '../../engine/probe.js';
import type { Check } from '../types.js';

const BINARY = 'pulumi-resource-postgresql';
const FOLDER = /^resource-postgresql-v(\d+\.\d+\.\d+.*)$/;

/** Looks for the provider plugin where the engine does: on PATH and in Pulumi's plugin folder. */
export const checkPostgresqlPlugin: Check = async ({ env }) => {
  const name = 'postgresql-plugin';
  const pluginDir = join(env.PULUMI_HOME || join(env.HOME || homedir(), '.pulumi'), 'plugins');
  const versions = (await readdir(pluginDir).catch(() => []))
    .map((folder) => FOLDER.exec(folder)?.[1])
    .filter((version) => version !== undefined);
  const onPath = await findOnPath(BINARY, env);
  if (onPath || versions.length > 0) {
    const where = onPath ?? `${pluginDir} (${versions.join(', ')})`;
    return {
      name,
      status: 'ok',
      detail: `provider plugin in ${where}`,
      data: { standIn: false, versions, path: onPath ?? pluginDir },
    };
  }
  return {
    name,
    status: 'warn',
    detail: `no ${BINARY}: a stand-in in TypeScript serves Database, Role, Grant and Extension`,
    fix: 'where the internet is reachable: pulumi plugin install resource postgresql',
    data: { standIn: true },
  };
};
