import { appendFileSync, chownSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isRunning } from '../../../core/files/is-running.js';
import { moveIntoPlace } from '../../../core/files/move-into-place.js';
import { makePrivateDir, type ServerAccount } from './account.js';
import type { PostgresBinaries } from './binaries.js';
import type { ServerRecord } from './record.js';
import { runTool } from './run-tool.js';

/**
 * A command that changes something sends the control database's log at its end, most of it an empty segment; a quarter of
 * Postgres' own size is a quarter of that work.
 */
const WAL_SEGMENT_MB = 4;

/**
 * Loopback only, SCRAM only, no socket file; statements never reach the log, because they may hold
 * personal data (docs/threats.md 9). `logical` serves later moves between cells.
 */
const CONFIGURATION = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
wal_level = logical
min_wal_size = 80MB
max_wal_size = 1GB
max_connections = 200
max_worker_processes = 72
max_logical_replication_workers = 60
max_replication_slots = 70
max_wal_senders = 70
shared_buffers = 128MB
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
timezone = 'UTC'
log_timezone = 'UTC'
`;

const AUTHENTICATION = `host all all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
`;

/** Makes the data folder once in the life of a server: initdb runs in a sibling folder and is moved into place when it is whole. */
export const initialise = (
  binaries: PostgresBinaries,
  record: ServerRecord,
  account: ServerAccount | undefined,
): void => {
  removeAbandonedDrafts(record.dataDir);
  if (record.dataMade || existsSync(join(record.dataDir, 'PG_VERSION'))) return;
  const draft = `${record.dataDir}.draft-${process.pid}`;
  const passwordFile = `${record.dataDir}.password-${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  makePrivateDir(draft, account);
  try {
    writeFileSync(passwordFile, record.password, { mode: 0o600 });
    if (account) chownSync(passwordFile, account.uid, account.gid);
    runTool(
      binaries.initdb,
      [
        ['-D', draft],
        ['-U', record.superuser],
        [`--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'],
        [`--wal-segsize=${WAL_SEGMENT_MB}`],
        ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-sync'],
      ].flat(),
      account,
    );
    appendFileSync(join(draft, 'postgresql.conf'), CONFIGURATION);
    writeFileSync(join(draft, 'pg_hba.conf'), AUTHENTICATION);
    moveIntoPlace(draft, record.dataDir);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
};

/** Removes the unfinished data folder of a killed run, and the file with the password that initdb read. */
const removeAbandonedDrafts = (dataDir: string): void => {
  const folder = dirname(dataDir);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const pid = /\.(?:draft|password)-(\d+)$/.exec(name)?.[1];
    if (pid && name.startsWith(basename(dataDir)) && !isRunning(Number(pid)))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
};
