import type pg from 'pg';
import { afterEach, expect, it, vi } from 'vitest';
import { cellPools } from '../../../data-plane/access/cells/cell-pools.js';
import { openPool, withConnection } from '../../../data-plane/database/connect.js';
import { TEST_CONTEXT_KEY, useDatabase } from '../../support/cell-database.js';

const db = useDatabase();

/** What an application's process may have for other connections of its own. */
const HOSTILE = {
  PGHOST: '192.0.2.1',
  PGOPTIONS: '-c session_replication_role=replica -c search_path=nowhere',
  PGREPLICATION: 'database',
  PGSSLMODE: 'require',
  PGSSLNEGOTIATION: 'nonsense',
  PGCLIENT_ENCODING: 'LATIN1',
  PGBINARY: '1',
  PGAPPNAME: 'another',
  PGPASSWORD: 'wrong',
};

afterEach(() => void vi.unstubAllEnvs());

const sessionOf = async (client: pg.ClientBase) => {
  const { rows } = await client.query<{ role: string; path: string; name: string }>(
    `SELECT current_setting('session_replication_role') AS role, current_setting('search_path') AS path,
            current_setting('application_name') AS name`,
  );
  return rows[0];
};

it('takes nothing from the environment: connections, pools, and those of the access library', async () => {
  for (const [name, value] of Object.entries(HOSTILE)) vi.stubEnv(name, value);
  const plain = { role: 'origin', path: '"$user", public' };

  expect(await withConnection(db.connection, sessionOf)).toEqual({ ...plain, name: 'ringfence' });

  const pool = openPool(db.connection, { max: 1, name: 'test' });
  const pooled = await pool.connect();
  expect(await sessionOf(pooled)).toEqual({ ...plain, name: 'test' });
  pooled.release();
  await pool.end();

  const pools = cellPools(
    { connections: 1, perTenant: 1, waitMs: 1_000, waitingPerTenant: 1 },
    () => new Date(),
  );
  const address = { cell: 'test', connection: db.appConnection, contextKey: TEST_CONTEXT_KEY };
  const served = await pools.of(address).connect();
  expect(await sessionOf(served)).toEqual({ ...plain, name: 'ringfence access' });
  served.release();
  await pools.close();
});

it('gives an empty password as it is, not another one of the environment or of a file', async () => {
  vi.stubEnv('PGPASSWORD', db.connection.password);
  await expect(withConnection({ ...db.connection, password: '' }, sessionOf)).rejects.toThrow();
});
