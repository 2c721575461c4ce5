import { readFileSync } from 'node:fs';
import type { Connection } from '../../data-plane/database/connect.js';
import { RingfenceError } from '../../tenants/errors.js';

/** The server that a run's provider configuration names. */
export interface ConfiguredServer {
  connection(): Connection;
  configure(config: Record<string, unknown>): void;
}

export const configuredServer = (): ConfiguredServer => {
  let known: Connection | undefined;
  return {
    configure: ({ host, port, username, password, database, sslmode, sslrootcert }) => {
      known = {
        host: String(host),
        port: Number(port),
        user: String(username),
        password: String(password),
        database: typeof database === 'string' ? database : 'postgres',
        ...(sslmode === 'verify-full' ? { ssl: { ca: readFileSync(String(sslrootcert), 'utf8') } } : {}),
      };
    },
    connection: () => {
      if (known) return known;
      throw new RingfenceError('internal', 'the postgresql provider was used before it was configured');
    },
  };
};
