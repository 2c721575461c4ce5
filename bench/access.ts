import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import pg from 'pg';
import { bringCellUp } from '../control-plane/operations/cells-up.js';
import { type Access, createAccess, type Directory, type Located } from '../data-plane/access/index.js';
import { withConnection } from '../data-plane/database/connect.js';
import { atLeast, type Comparison, compare } from './measure.js';
import type { Scene } from './scene.js';

const RUNS = 600;
const READ = 'SELECT * FROM clinical.services WHERE id = $1';
const ISSUER = 'https://id.example';
const AUDIENCE = 'https://clinic.example';

type Work = (access: Access, token: string, clinicId: string, serviceId: string) => Promise<unknown>;

/** In one transaction of three round trips. */
export const benchAccessRun = (scene: Scene): Promise<Comparison> =>
  benchRead(scene, 'one read in access.run', (access, token, clinicId, serviceId) =>
    access.run(token, clinicId, (db) => db.query(READ, [serviceId])),
  );

/** In one round trip. */
export const benchAccessQuery = (scene: Scene): Promise<Comparison> =>
  benchRead(scene, 'one read by access.query', (access, token, clinicId, serviceId) =>
    access.query(token, clinicId, READ, [serviceId]),
  );

/**
 * One read by key with all that the library does (token, directory, context, commit, cleaning the connection), against
 * the same read as a bare statement of a pool, as the administrator and with an explicit WHERE.
 */
const benchRead = async ({ runtime }: Scene, name: string, read: Work): Promise<Comparison> => {
  const cell = await bringCellUp(runtime, { name: 'bench-cell', tier: 'shared', region: 'eu-central-1' });
  const admin = await runtime.target.adminConnection(cell.name);
  const { appPassword, contextKey } = runtime.target.credentials(cell.name);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [tenantId, clinicId, userId] = [randomUUID(), randomUUID(), randomUUID()];
  const serviceId = await withConnection(admin, async (client) => {
    await client.query(
      `INSERT INTO ringfence.tenants (id, slug, state, login_role) VALUES ($1, $2::text, 'active', $2::text)`,
      [tenantId, `bench-${tenantId.slice(0, 8)}`],
    );
    await client.query(
      `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
       VALUES ($1, $2, 'bench', 'Bench', 'dental', 'Europe/Madrid', 'active')`,
      [clinicId, tenantId],
    );
    await client.query(
      `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role) VALUES ($1, $2, 'Bench', 'owner')`,
      [clinicId, userId],
    );
    const planted = await client.query<{ id: string }>(
      `INSERT INTO clinical.services (clinic_id, name, duration_minutes)
       SELECT $1, 'service ' || n, 30 FROM generate_series(1, 200) AS n RETURNING id`,
      [clinicId],
    );
    return planted.rows[0]?.id ?? '';
  });

  const located: Located = {
    cell: cell.name,
    connection: { ...admin, user: 'ringfence_app', password: appPassword },
    contextKey,
    clinicId,
    tenantId,
    state: 'active',
    security: { mfaRequired: false, sessionMinutes: null, allowedNetworks: [] },
  };
  const directory: Directory = {
    locate: async () => located,
    forget: () => undefined,
    close: async () => undefined,
  };
  const access = createAccess({
    directory,
    keys: { keys: [{ ...publicKey.export({ format: 'jwk' }), kty: 'EC' }] },
    issuer: ISSUER,
    audience: AUDIENCE,
  });
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const times = { iat: nowSeconds, exp: nowSeconds + 3_600 };
  const body = [
    { alg: 'ES256', typ: 'at+jwt' },
    { iss: ISSUER, aud: AUDIENCE, sub: userId, clinic_id: clinicId, ...times },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(body), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const token = `${body}.${signature.toString('base64url')}`;
  const pool = new pg.Pool(admin);
  spawnSync('taskset', ['-a', '-p', '-c', '0', String(process.pid)], { stdio: 'ignore' });
  try {
    return await compare(
      `${name} / as a bare statement`,
      {
        baseline: async () => {
          for (let n = 0; n < RUNS; n++)
            await pool.query(`${READ} AND clinic_id = $2`, [serviceId, clinicId]);
        },
        measured: async () => {
          for (let n = 0; n < RUNS; n++) await read(access, token, clinicId, serviceId);
        },
      },
      atLeast(0.7, 9),
    );
  } finally {
    await access.close();
    await pool.end();
  }
};
