import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '../../../data-plane/database/connect.js';

const PROGRAM = process.env.RINGFENCE_TEST_PGBOUNCER ?? 'pgbouncer';

export const hasPgBouncer = (): boolean => spawnSync(PROGRAM, ['--version']).status === 0;

/** PgBouncer in transaction mode in front of a server, with so many connections to it. */
export const startPgBouncer = async (server: Connection, poolSize: number) => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-pgbouncer-'));
  chmodSync(dir, 0o755);
  const port = await freePort();
  writeFileSync(join(dir, 'users.txt'), `"${server.user}" "${server.password}"\n`);
  writeFileSync(
    join(dir, 'pgbouncer.ini'),
    `[databases]
${server.database} = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${join(dir, 'users.txt')}
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 200
`,
  );
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
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
      const ended = once(bouncer, 'exit');
      bouncer.kill('SIGTERM');
      await ended;
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
