import { appendFileSync, chownSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, withConnection } from '../../../data-plane/database/connect.js';
import { serverAccount } from '../../../data-plane/database/server/account.js';
import {
  ensureLocalServer,
  purgeLocalServer,
  stopLocalServer,
} from '../../../data-plane/database/server/local-server.js';
import { readRecord, type ServerRecord } from '../../../data-plane/database/server/record.js';
import { type Certificates, makeCertificates } from './certificates.js';
import { openEndpoint } from './endpoint.js';

/** A real Postgres as Amazon RDS gives it: over TLS only, with a master user who is no superuser. */
export interface ManagedPostgres {
  /** The master user, in database `postgres`. */
  readonly master: Connection & { readonly ssl: { readonly ca: string } };
  readonly caFile: string;
  readonly record: ServerRecord;
  /** As the superuser that RDS keeps to itself. */
  asProvider<T>(work: (provider: Connection) => Promise<T>): Promise<T>;
  stop(): void;
}

const CUSTOMERS_MASTER = 'clinic_master';
const MASTER_PASSWORD = 'of the master, 24 letters';

/**
 * Attributes as in RDS's guide ("Understanding the rds_superuser role"); no right to bypass row-level security. That it may
 * set session_replication_role is what users report (dotCMS/core issue 21065). Who may stream is a member of rds_replication, as is
 * rds_superuser; who may subscribe is a member of pg_create_subscription.
 */
const masterRole = (master: string): string => `
  CREATE ROLE rds_superuser;
  CREATE ROLE rds_replication;
  GRANT pg_monitor, pg_signal_backend, pg_checkpoint, pg_create_subscription, rds_replication TO rds_superuser WITH ADMIN OPTION;
  GRANT SET ON PARAMETER session_replication_role TO rds_superuser;
  CREATE ROLE ${master} LOGIN NOSUPERUSER INHERIT CREATEDB CREATEROLE NOREPLICATION PASSWORD '${MASTER_PASSWORD}';
  GRANT rds_superuser TO ${master};
`;

/** Starts it on a free loopback port; `stop` removes it. */
export const startManagedPostgres = async (
  master = CUSTOMERS_MASTER,
  /** Another server, whose authority signs this one's certificate too, as Amazon's do. */
  sibling?: Pick<ManagedPostgres, 'caFile'>,
): Promise<ManagedPostgres> => {
  const home = mkdtempSync(join(tmpdir(), 'ringfence-rds-'));
  const dir = join(home, 'server');
  let endpoint: Awaited<ReturnType<typeof openEndpoint>> | undefined;
  const stop = (): void => {
    endpoint?.close();
    purgeLocalServer(dir);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const certificates = makeCertificates(home, sibling);
    const { ca, caFile } = certificates;
    const { port } = await ensureLocalServer(dir, { archiving: true });
    stopLocalServer(dir);
    const record = readRecord(dir);
    if (!record) throw new Error('the server left no record');
    requireTls(record.dataDir, certificates);
    const server = await ensureLocalServer(dir, { port });
    const provider = { ...server, database: 'postgres', ssl: { ca } };
    await withConnection(provider, (client) => client.query(masterRole(master)));
    endpoint = await openEndpoint(provider, master);
    return {
      master: { ...provider, port: endpoint.port, user: master, password: MASTER_PASSWORD },
      caFile,
      record,
      asProvider: (work) => work(provider),
      stop,
    };
  } catch (error) {
    stop();
    throw error;
  }
};

/** In the data folder, so that a copy has it too. RDS says by ssl_ca_file where a server finds the authorities of others. */
const requireTls = (dataDir: string, { certificate, key, caFile }: Certificates): void => {
  const account = serverAccount();
  for (const [from, to] of [
    [certificate, 'server.crt'],
    [key, 'server.key'],
    [caFile, 'ca-cert.pem'],
  ] as const) {
    const target = join(dataDir, to);
    copyFileSync(from, target);
    if (account) chownSync(target, account.uid, account.gid);
  }
  appendFileSync(
    join(dataDir, 'postgresql.conf'),
    "ssl = on\nssl_ca_file = 'ca-cert.pem'\nmax_slot_wal_keep_size = 4GB\n",
  );
  writeFileSync(
    join(dataDir, 'pg_hba.conf'),
    'hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl replication all 127.0.0.1/32 scram-sha-256\n',
  );
};
