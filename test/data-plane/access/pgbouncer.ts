import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '../../../data-plane/database/connect.js';
import { serverAccount } from '../../../data-plane/database/server/account.js';

const PROGRAM = process.env.RINGFENCE_TEST_PGBOUNCER ?? 'pgbouncer';

export const hasPgBouncer = (): boolean => spawnSync(PROGRAM, ['--version']).status === 0;

/** PgBouncer in transaction mode in front of a server, with so many connections to it. */
export const startPgBouncer = async (server: Connection, poolSize: number) => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-pgbouncer-'));
  chmodSync(dir, 0o711);
  const port = await freePort();
  const users = join(dir, 'users.txt');
  writeFileSync(users, `"${server.user}" "${server.password}"\n`, { mode: 0o600 });
  // It refuses to run as root, as Postgres does.
  const account = serverAccount();
  if (account) chownSync(users, account.uid, account.gid);
  writeFileSync(
    join(dir, 'pgbouncer.ini'),
    `[databases]
${server.database} = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 200
`,
  );
  const user = account ? ['-u', 'postgres'] : [];
  const bouncer = spawn(PROGRAM, [...user, join(dir, 'pgbouncer.ini')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    bouncer.stderr.on('data', (part: Buffer) => {
      said += part.toString();
      if (said.includes('process up')) resolve();
    });
    bouncer.once('exit', () => reject(new Error(said)));
  });
  return {
    connection: { ...server, port },
    stop: async (): Promise<void> => {
      if (bouncer.exitCode === null) {
        const ended = once(bouncer, 'exit');
        bouncer.kill('SIGTERM');
        await ended;
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
};
