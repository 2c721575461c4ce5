import { createRequire } from 'node:module';
import pg from 'pg';

/** Host, port and login of a server; a driver would take missing ones from the environment. */
type Login = Required<Pick<pg.ClientConfig, 'host' | 'port' | 'user' | 'database'>> &
  Pick<pg.ClientConfig, 'password'>;

/** What `pg` takes, with nothing left to the environment. */
export type ClientConfig = Login &
  Omit<pg.ClientConfig, keyof Login | 'connectionString'> & {
    /** Returns the server's current address; each new connection asks for it. */
    readonly address?: () => { readonly host: string; readonly port: number } | undefined;
  };

/** Parameters of which `pg` takes an empty one from the environment too (its connection-parameters.js). */
interface Parameters {
  options: string | undefined;
  replication: string | undefined;
}

/** Not `pg.Client`: NODE_PG_FORCE_NATIVE makes that the client of libpq, which reads the environment itself. */
const DriverClient = createRequire(import.meta.url)('pg/lib/client') as typeof pg.Client;

/**
 * One connection. All of its parameters are in `config`: PGOPTIONS could switch triggers off, PGSSLMODE or PGREPLICATION
 * make another connection of it. Every connection of Ringfence is one of these.
 */
export class Client extends DriverClient {
  constructor(config: ClientConfig & { replication?: string }) {
    const { host, port } = config.address?.() ?? config;
    super({
      ...config,
      host,
      port,
      // A pool hides it from being listed.
      password: config.password,
      ssl: config.ssl ?? false,
      sslnegotiation: 'postgres',
      client_encoding: 'utf8',
      application_name: config.application_name || 'ringfence',
    } as pg.ClientConfig);
    const own = this as unknown as { connectionParameters: Parameters } & Parameters;
    own.connectionParameters.options = config.options;
    own.connectionParameters.replication = config.replication;
    own.replication = config.replication;
    if (config.password === '') Object.assign(this, { password: '' });
  }
}

/** A pool of such connections. A broken idle one is reported by the next query, and does not end the process. */
export const makePool = (config: ClientConfig & pg.PoolConfig): pg.Pool => {
  const pool = new pg.Pool({ ...config, Client: Client as unknown as typeof pg.Client });
  pool.on('error', () => undefined);
  return pool;
};
