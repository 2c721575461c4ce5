import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readyRestoredCell } from '../../../control-plane/cell-restore/ready-restored-cell.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { openPool } from '../../../data-plane/database/connect.js';
import { purgeLocalServer } from '../../../data-plane/database/server/local-server.js';
import { openScratchCell, type ScratchCell } from '../../../data-plane/database/server/scratch-cell.js';
import { signCertificate } from '../../../data-plane/erasure/sign-certificate.js';
import { SAMPLE } from '../../data-plane/erasure/sample.js';
import { plantClinic, type TestClinic, useDatabase } from '../../support/cell-database.js';

const CELL = 'one';
const ELSEWHERE = 'elsewhere';
const CERTIFICATE = signCertificate(SAMPLE, generateKeyPairSync('ed25519').privateKey);
const control = useDatabase('control');
const dir = mkdtempSync(join(tmpdir(), 'ringfence-ready-'));
let cell: ScratchCell;
let admin: pg.Pool;

beforeAll(async () => {
  cell = await openScratchCell(dir);
  admin = openPool(cell.admin, { max: 2, name: 'test admin' });
  await control.admin.query(
    `INSERT INTO control.cells (name, tier, region, target, port)
     SELECT name, 'shared', 'eu-central-1', 'local', 1 FROM unnest(ARRAY[$1, $2]) AS name`,
    [CELL, ELSEWHERE],
  );
});
afterAll(async () => {
  await admin?.end();
  purgeLocalServer(dir);
});

const register = async (
  { tenantId, clinicId }: TestClinic,
  slug: string,
  state: string,
  home = CELL,
): Promise<void> => {
  await control.admin.query(
    `WITH placed AS (
       INSERT INTO control.tenants (id, slug, cell, tier, state, legal_name, plan)
     VALUES ($1, $2, $3, 'shared', $4, 'Clínica', 'starter')
       RETURNING id, cell)
     INSERT INTO control.placements (tenant_id, cell, epoch, state) SELECT id, cell, 1, 'home' FROM placed`,
    [tenantId, slug, home, state],
  );
  await control.admin.query(`INSERT INTO control.clinics (id, tenant_id, slug) VALUES ($1, $2, 'centro')`, [
    clinicId,
    tenantId,
  ]);
};
const recordErased = ({ tenantId, clinicId }: TestClinic) =>
  control.admin.query(
    `INSERT INTO control.erasures (tenant_id, slug_digest, cells, clinic_ids, state, reason, requested_by, requested_at,
       due_at, resume, certificate, finished_at)
     VALUES ($1, sha256('x'), ARRAY[$2], ARRAY[$3::uuid], 'done', 'asked for', 'ana', now(), now(), false, $4, now())`,
    [tenantId, CELL, clinicId, CERTIFICATE],
  );
const plant = async (slug: string): Promise<TestClinic> => {
  const clinic = await plantClinic(admin, slug);
  await admin.query(
    `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'A service', 30)`,
    [clinic.clinicId],
  );
  return clinic;
};

test('a restored cell has no erased and no removed tenant, suspended ones are suspended, and logins are as now', async () => {
  const [stays, stopped, removed, erased, unknown, moved, arriving, stray] = [
    await plant('stays'),
    await plant('stopped'),
    await plant('removed'),
    await plant('erased'),
    await plant('unknown'),
    await plant('moved'),
    await plant('arriving'),
    await plant('stray'),
  ];
  await register(stays, 'stays', 'active');
  await register(stopped, 'stopped', 'suspended');
  await register(removed, 'removed', 'removed');
  for (const [clinic, slug] of [
    [moved, 'moved'],
    [arriving, 'arriving'],
    [stray, 'stray'],
  ] as const)
    await register(clinic, slug, 'active', ELSEWHERE);
  await control.admin.query(
    `INSERT INTO control.placements (tenant_id, cell, epoch, state) VALUES ($1, $3, 2, 'left'), ($2, $3, 2, 'arriving')`,
    [moved.tenantId, arriving.tenantId, CELL],
  );
  await recordErased(erased);
  const runtime = {
    control: control.admin,
    caller: { who: 'ana', door: 'cli', correlationId: randomUUID() },
    target: {
      credentials: () => ({
        appPassword: 'the password of today',
        keeperPassword: 'another one of today',
        contextKey: cell.contextKey,
      }),
    },
  } as unknown as Runtime;

  const gone = await readyRestoredCell(runtime, CELL, cell.admin);
  expect(gone.map(({ slug, why }) => `${slug} ${why}`).sort()).toEqual([
    'erased erased',
    'moved left',
    'removed removed',
    'stray unknown',
    'unknown unknown',
  ]);
  expect(
    (
      await admin.query(
        `SELECT slug, CASE WHEN fence = 'closed' THEN fence ELSE state END AS state FROM ringfence.tenants ORDER BY slug`,
      )
    ).rows,
  ).toEqual([
    // At home in another cell: nobody gets in here.
    { slug: 'arriving', state: 'closed' },
    { slug: 'stays', state: 'active' },
    { slug: 'stopped', state: 'suspended' },
    { slug: 'stray', state: 'closed' },
    { slug: 'unknown', state: 'active' },
  ]);
  const left = await admin.query('SELECT clinic_id AS id FROM clinical.services');
  expect(left.rows.map(({ id }) => id).sort()).toEqual(
    [stays, stopped, unknown, arriving, stray].map(({ clinicId }) => clinicId).sort(),
  );
  const app = openPool({ ...cell.app, password: 'the password of today' }, { max: 1, name: 'test app' });
  expect((await app.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await app.end();
});
