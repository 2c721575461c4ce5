import { POSTGRESQL_VERSION } from '../../names.js';
import type { ServedProvider } from '../provider/serve.js';
import { database } from './database.js';
import { grant } from './grant.js';
import { role } from './role.js';
import { configuredServer } from './server.js';

/**
 * Serves the three resource types of @pulumi/postgresql that the stacks use, where the plugin itself cannot be
 * downloaded. Any property that it does not know is an error. One a run: the configuration names one server.
 */
export const postgresqlStandIn = (passwordFile: string | undefined): ServedProvider => {
  const server = configuredServer(passwordFile);
  return {
    name: 'postgresql',
    version: POSTGRESQL_VERSION,
    configure: server.configure,
    resources: {
      'postgresql:index/database:Database': database(server),
      'postgresql:index/grant:Grant': grant(server),
      'postgresql:index/role:Role': role(server),
    },
  };
};
