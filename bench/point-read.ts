import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { bringCellUp } from '../control-plane/operations/cells-up.js';
import { tokenSigner } from '../data-plane/access/context-token.js';
import { type Connection, withConnection } from '../data-plane/database/connect.js';
import { atLeast, type Comparison, compare } from './measure.js';
import type { Scene } from './scene.js';

const TRANSACTIONS = 1_500;
const CLINICS = 20;
const SERVICES = 200;

/**
 * Reads one row by key over TCP: in tenant context as the application, against an explicit WHERE as the
 * administrator (no row-level security), in transactions of the same form and the same number of round trips.
 */
export const benchPointRead = async ({ runtime }: Scene): Promise<Comparison> => {
  const cell = await bringCellUp(runtime, { name: 'bench-cell', tier: 'shared', region: 'eu-central-1' });
  const admin = await runtime.target.adminConnection(cell.name);
  const { appPassword, contextKey } = runtime.target.credentials(cell.name);
  const { tenantId, clinicIds, serviceIds } = await plant(admin);
  const clinicId = clinicIds[0] as string;

  const owner = await connect(admin);
  const app = await connect({ ...admin, user: 'ringfence_app', password: appPassword });
  const backendPid = (app as unknown as { processID: number }).processID;
  const idAt = (n: number): string => serviceIds[n % SERVICES] as string;

  const explicit = async () => {
    for (let n = 0; n < TRANSACTIONS; n++) {
      await owner.query('BEGIN');
      await owner.query({
        name: 'setting',
        text: `SELECT set_config('bench.clinic', $1, true)`,
        values: [clinicId],
      });
      await owner.query({
        name: 'read',
        text: 'SELECT * FROM clinical.services WHERE clinic_id = $1 AND id = $2',
        values: [clinicId, idAt(n)],
      });
      await owner.query('COMMIT');
    }
  };
  for (const pid of [process.pid, backendPid, (owner as unknown as { processID: number }).processID])
    pinToOneCore(pid);
  const signer = tokenSigner(contextKey, Date.now);
  const inContext = async () => {
    for (let n = 0; n < TRANSACTIONS; n++) {
      const token = signer.sign({ tenantId, clinicId }, backendPid);
      await app.query('BEGIN');
      await app.query({ name: 'enter', text: 'SELECT ringfence.enter($1)', values: [token] });
      await app.query({
        name: 'read',
        text: 'SELECT * FROM clinical.services WHERE id = $1',
        values: [idAt(n)],
      });
      await app.query('COMMIT');
    }
  };
  try {
    return await compare(
      'point read in tenant context / explicit WHERE, over TCP',
      { baseline: explicit, measured: inContext },
      atLeast(0.92, 9),
    );
  } finally {
    await owner.end();
    await app.end();
  }
};

/** Unpinned runs swing with the scheduler. Where taskset is missing, they are not pinned. */
const pinToOneCore = (pid: number): void => {
  spawnSync('taskset', ['-a', '-p', '-c', '0', String(pid)], { stdio: 'ignore' });
};

const connect = async (connection: Connection): Promise<pg.Client> => {
  const client = new pg.Client(connection);
  await client.connect();
  return client;
};

const plant = (admin: Connection) =>
  withConnection(admin, async (client) => {
    const tenantId = randomUUID();
    const clinicIds = Array.from({ length: CLINICS }, () => randomUUID());
    await client.query(
      `INSERT INTO ringfence.tenants (id, slug, state, login_role) VALUES ($1, 'bench', 'active', 'bench')`,
      [tenantId],
    );
    await client.query(
      `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
       SELECT id, $2, 'c' || position, 'Bench', 'dental', 'Europe/Madrid', 'active'
         FROM unnest($1::uuid[]) WITH ORDINALITY AS list (id, position)`,
      [clinicIds, tenantId],
    );
    const planted = await client.query<{ id: string; clinic_id: string }>(
      `INSERT INTO clinical.services (clinic_id, name, duration_minutes)
       SELECT c.id, 'service ' || n, 30 FROM unnest($1::uuid[]) AS c (id), generate_series(1, $2) AS n
       RETURNING id, clinic_id`,
      [clinicIds, SERVICES],
    );
    await client.query('VACUUM ANALYZE clinical.services');
    const serviceIds = planted.rows.filter((row) => row.clinic_id === clinicIds[0]).map((row) => row.id);
    return { tenantId, clinicIds, serviceIds };
  });
