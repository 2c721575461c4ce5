import { findResourcePlugin } from '../../engine/run/resource-plugin.js';
import type { Check } from '../types.js';

/** Says whether the engine uses the real plugin of @pulumi/postgresql or the stand-in. */
export const checkPostgresqlPlugin: Check = async ({ project, env }) => {
  const name = 'postgresql-plugin';
  const plugin = await findResourcePlugin('postgresql', project, env);
  if (plugin) {
    const versions = plugin.versions.length > 0 ? ` (${plugin.versions.join(', ')})` : '';
    return {
      name,
      status: 'ok',
      detail: `provider plugin in ${plugin.path}${versions}`,
      data: { standIn: false, ...plugin },
    };
  }
  return {
    name,
    status: 'warn',
    detail: 'the provider plugin is not installed: a stand-in in TypeScript serves Database, Role and Grant',
    fix: 'where the internet is reachable: ringfence pulumi -- plugin install resource postgresql 3.18.1',
    data: { standIn: true },
  };
};
