import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { type Connection, withConnection } from '../data-plane/database/connect.js';

/**
 * Keeps this process, a server and all that either starts meanwhile on one core: unpinned runs swing with the
 * scheduler. Connections that are open already stay where they were. Where taskset is missing, nothing is pinned.
 */
export const onOneCore = async <T>(admin: Connection | undefined, work: () => Promise<T>): Promise<T> => {
  const pids = [process.pid, ...(admin ? [await serverPid(admin)] : [])];
  const keepOn = (cores: string): void => {
    for (const pid of pids) spawnSync('taskset', ['-a', '-p', '-c', cores, String(pid)], { stdio: 'ignore' });
  };
  keepOn('0');
  try {
    return await work();
  } finally {
    keepOn(`0-${cpus().length - 1}`);
  }
};

const serverPid = (admin: Connection): Promise<number> =>
  withConnection(admin, async (client) => {
    const { rows } = await client.query<{ pid: string }>(
      `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid`,
    );
    return Number(rows[0]?.pid);
  });
