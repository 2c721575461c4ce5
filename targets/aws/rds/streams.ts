import { RingfenceError } from '../../../core/errors.js';
import { type Connection, withConnection } from '../../../data-plane/database/connect.js';
import type { CellHost } from '../../target.js';

/** Who streams from an instance is a member of it (RDS's guide, "Performing logical replication"). */
const STREAMING = 'rds_replication';

/**
 * An instance reads the stream of another one over TLS and verifies it by the authorities that RDS has put beside its data. It has no
 * file for a password, so that lies in `pg_subscription`, whose column nobody but RDS reads, and in RDS's backups; the login goes with
 * the move.
 */
export const rdsStreams = (instance: string, connect: () => Promise<Connection>): CellHost['streams'] => ({
  group: STREAMING,
  keep: async (_name, { password }) => {
    const authorities = await withConnection(await connect(), async (client) => {
      const { rows } = await client.query<{ file: string }>(`SELECT current_setting('ssl_ca_file') AS file`);
      return rows[0]?.file ?? '';
    });
    if (authorities === '') throw withoutAuthorities(instance);
    return `password=${quoted(password)} sslmode=verify-full sslrootcert=${quoted(authorities)}`;
  },
  drop: async () => undefined,
  list: async () => [],
});

/** As a value of libpq. */
const quoted = (value: string): string => `'${value.replace(/['\\]/g, '\\$&')}'`;

const withoutAuthorities = (instance: string): RingfenceError =>
  new RingfenceError(
    'conflict',
    `instance ${instance} names no file of authorities (ssl_ca_file), so it cannot verify another server`,
    {
      fix: 'take the tenant away with `ringfence tenants remove`, and bring it back with `ringfence tenants restore-removed` there',
    },
  );
