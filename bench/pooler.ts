import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '../data-plane/database/connect.js';
import { plantTenants } from './cell.js';
import { atLeast, type Comparison, compare, type Skipped } from './measure.js';
import { findPgbench, installSigner, pgbench, pointReads } from './pgbench.js';
import type { Scene } from './scene.js';

const NAME = '1,000 clients over 8 servers of PgBouncer / 16 clients without it';

/** Transactions of one point read in tenant context, in three round trips as `access.query` behind a pooler; on all cores. */
export const benchPooler = async (scene: Scene): Promise<Comparison | Skipped> => {
  const program = findPgbench();
  if (!program) return { name: NAME, skipped: 'pgbench is not installed' };
  if (spawnSync('pgbouncer', ['--version']).status !== 0)
    return { name: NAME, skipped: 'pgbouncer is not installed' };
  const { admin, app, contextKey } = await scene.cell();
  const [tenant] = await plantTenants(admin, 1, 200);
  if (!tenant) throw new Error('no tenant was planted');
  await installSigner(admin, contextKey);
  const run = {
    script: pointReads('pipelined', tenant, 1),
    mode: 'extended',
    threads: 16,
    seconds: 2,
    variables: { id: tenant.serviceIds[0] ?? '' },
  } as const;
  const bouncer = await startPgBouncer(app, { servers: 8, clients: 1_000 });
  try {
    return await compare(
      NAME,
      {
        baseline: () => pgbench(program, app, { ...run, clients: 16 }),
        measured: () => pgbench(program, bouncer.connection, { ...run, clients: 1_000 }),
      },
      atLeast(0.8),
    );
  } finally {
    await bouncer.stop();
  }
};

/** PgBouncer in transaction mode. As root it becomes the user nobody, as it insists. */
const startPgBouncer = async (
  server: Connection,
  { servers, clients }: { servers: number; clients: number },
) => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-pgbouncer-'));
  chmodSync(dir, 0o755);
  const port = await freePort();
  const users = join(dir, 'users.txt');
  writeFileSync(users, `"${server.user}" "${server.password}"\n`);
  const settings = [
    '[databases]',
    `${server.database} = host=${server.host} port=${server.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = plain',
    `auth_file = ${users}`,
    'pool_mode = transaction',
    `default_pool_size = ${servers}`,
    `max_client_conn = ${clients + 10}`,
    'log_connections = 0',
    'log_disconnections = 0',
  ];
  writeFileSync(join(dir, 'pgbouncer.ini'), `${settings.join('\n')}\n`);
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const bouncer = spawn('pgbouncer', [...user, join(dir, 'pgbouncer.ini')], {
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
      rmSync(dir, { recursive: true });
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
