import { readFileSync } from 'node:fs';
import { RingfenceError } from '../../../core/errors.js';
import type { Connection } from '../../../data-plane/database/connect.js';
import { findPassword } from '../../../data-plane/database/password-file.js';

/** The server that a run's provider configuration names. */
export interface ConfiguredServer {
  connection(): Connection;
  configure(config: Record<string, unknown>): void;
}

/**
 * @param passwordFile where the password is when the configuration has none, as PGPASSFILE names it to the plugin. It is
 * read at each connection, so a password that was changed meanwhile is found.
 */
export const configuredServer = (passwordFile: string | undefined): ConfiguredServer => {
  let known: (Omit<Connection, 'password'> & { password?: string }) | undefined;
  return {
    configure: ({ host, port, username, password, database, sslmode, sslrootcert }) => {
      known = {
        host: String(host),
        port: Number(port),
        user: String(username),
        database: typeof database === 'string' ? database : 'postgres',
        // Stacks that an earlier version deployed have it in their state until they are deployed again.
        ...(typeof password === 'string' && password !== '' ? { password } : {}),
        ...(sslmode === 'verify-full' ? { ssl: { ca: readFileSync(String(sslrootcert), 'utf8') } } : {}),
      };
    },
    connection: () => {
      if (!known)
        throw new RingfenceError('internal', 'the postgresql provider was used before it was configured');
      const password = known.password ?? (passwordFile && findPassword(passwordFile, known));
      if (password) return { ...known, password };
      throw new RingfenceError(
        'database_unavailable',
        `nobody gave the engine the password of ${known.user} on ${known.host}:${known.port}`,
        {
          fix: 'run the engine as `ringfence pulumi -- ...`; a cell that is not on this machine only as `ringfence cells up`',
        },
      );
    },
  };
};
