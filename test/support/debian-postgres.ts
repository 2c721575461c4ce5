import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makePrivateDir, placeData, serverAccount } from '../../data-plane/database/server/account.js';
import { runTool } from '../../data-plane/database/server/run-tool.js';

/** Where Debian and Ubuntu put the programs of this major version. */
const BINARIES = '/usr/lib/postgresql/15/bin';

/** Why there is nothing to test against; undefined where there is. */
export const noDebianPostgres = existsSync(join(BINARIES, 'initdb'))
  ? undefined
  : 'Debian’s postgresql-15 is not installed';

/** A Postgres 15 of its own on the loopback interface, with a superuser; `stop` removes it and its data. */
export interface DebianPostgres {
  readonly server: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
  };
  stop(): void;
}

export const startDebianPostgres = async (): Promise<DebianPostgres> => {
  const account = serverAccount();
  const home = mkdtempSync(join(tmpdir(), 'ringfence-pg15-'));
  const data = placeData(home, account);
  const password = 'postgres-15';
  const passwordFile = join(dirname(data), 'password');
  const remove = (): void => {
    rmSync(dirname(data), { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  };
  try {
    makePrivateDir(data, account);
    // The tool reads it as its own account; the server it is for lives as long as one test.
    writeFileSync(passwordFile, password, { mode: 0o644 });
    const login = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
    runTool(join(BINARIES, 'initdb'), ['-D', data, ...login, '-E', 'UTF8', '--no-locale', '-N'], account);
    const port = await freePort();
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c wal_level=logical`;
    const log = join(data, 'postgres.log');
    runTool(join(BINARIES, 'pg_ctl'), ['start', '-D', data, '-w', '-l', log, '-o', options], account);
    return {
      server: { host: '127.0.0.1', port, user: 'postgres', password },
      stop: () => {
        runTool(join(BINARIES, 'pg_ctl'), ['stop', '-D', data, '-m', 'immediate', '-w'], account);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
