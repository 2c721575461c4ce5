import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wrappedKeys } from '../../control-plane/keys/store.js';
import { openPool, withConnection } from '../../data-plane/database/connect.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { loginRoleOf } from '../../data-plane/enrolment/tenant-login.js';
import { localKeyring } from '../../data-plane/keys/local-keyring.js';
import { loginPassword } from '../../data-plane/keys/rotation/login-password.js';
import { tenantKeys } from '../../data-plane/keys/tenant-keys.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

const SLUG = 'rotada';
const ROTATE = ['keys', 'rotate', SLUG, '--settle', '1'];

interface Rotation {
  readonly keyVersion: number;
  readonly resumed: boolean;
  readonly rows: number;
  readonly refused: number;
}

let project: CliProject;
let cell: string;
let tenantId: string;

const LOGIN = { reason: 'reports by their own analyst' };

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG, { sqlLogin: LOGIN });
  ({ cell, tenantId } = await project.json<{ cell: string; tenantId: string }>([
    'tenants',
    'add',
    SLUG,
    '--yes',
  ]));
  await project.json(['demo', 'load', SLUG, '--patients', '600']);
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

/** The key versions of all messages and patients. */
const versions = async (): Promise<number[]> => {
  const rows = await project.cell<{ version: number }>(
    cell,
    `SELECT DISTINCT get_byte(sealed, 4) AS version
       FROM (SELECT patient_name_sealed AS sealed FROM clinical.patients
             UNION ALL SELECT body_sealed FROM clinical.messages) fields ORDER BY 1`,
  );
  return rows.map(({ version }) => version);
};

const shown = async (): Promise<number> => {
  const clinics = await project.json<{ patients: unknown[] }[]>(['demo', 'show', SLUG, '--limit', '600']);
  return clinics.reduce((sum, { patients }) => sum + patients.length, 0);
};

/** Connects as the tenant's own login with the password of the newest key. @returns who it is. */
const signIn = async (): Promise<string> => {
  const control = runningLocalServer(join(project.home, 'control'));
  const server = runningLocalServer(join(project.home, 'cells', cell));
  if (!control || !server) return expect.unreachable('the servers run');
  const pool = openPool({ ...control, database: 'control' }, { max: 1, name: 'test' });
  const root = localKeyring(join(project.home, 'keyring'));
  const key = await tenantKeys({ root, store: wrappedKeys(pool) }).load(tenantId);
  await pool.end();
  const login = { user: loginRoleOf(tenantId), password: loginPassword(key), database: 'ringfence' };
  return withConnection(
    { ...server, ...login },
    async (client) => (await client.query('SELECT session_user AS name')).rows[0].name,
  );
};

test('a rotation that is killed is finished by the same command; logins and old backups go on', async () => {
  const backup = await project.json<{ id: string }>(['backups', 'run', SLUG]);
  const killed = await project.run(ROTATE, { env: { RINGFENCE_CRASH_AT: 'key-batch-sealed' } });
  expect(killed.signal).toBe('SIGKILL');
  expect(await versions()).toEqual([1, 2]);
  expect(await shown()).toBe(600);
  const resumed = await project.run(ROTATE);
  expect(resumed.status).toBe(0);
  expect(resumed.stdout).toContain('an earlier run is finished now');
  expect(await versions()).toEqual([2]);

  const busy = await Promise.all([project.run(ROTATE), project.run(ROTATE)]);
  expect(busy.map(({ status }) => status).sort()).toEqual([0, 1]);
  expect(busy.map(({ stderr }) => stderr).join()).toContain('another run rotates the key');
  expect(await versions()).toEqual([3]);
  expect(await shown()).toBe(600);
  expect(await signIn()).toBe(loginRoleOf(tenantId));

  // The state of the stack still knows version 1; the password that deploying sets is the newest one's.
  project.manifest(SLUG, {
    clinics: [{ slug: 'centro', name: 'Centro Nuevo', vertical: 'dental' }],
    sqlLogin: LOGIN,
  });
  await project.deploy();
  expect(await signIn()).toBe(loginRoleOf(tenantId));

  await project.json(['backups', 'restore', SLUG, '--backup', backup.id, '--yes']);
  expect(await versions()).toEqual([1]);
  expect(await shown()).toBe(600);
  const again = await project.json<Rotation>(ROTATE);
  expect(again).toMatchObject({ keyVersion: 3, resumed: true, refused: 0 });
  expect(await versions()).toEqual([3]);
  console.log(`killed once, three versions, a backup of the first restored: ${again.rows} rows sealed again`);
});

test('a run that ends before its first row has made a version, and the next one goes on from it', async () => {
  const killed = await project.run(ROTATE, { env: { RINGFENCE_CRASH_AT: 'key-version-created' } });
  expect(killed.signal).toBe('SIGKILL');
  expect(await project.json<Rotation>(ROTATE)).toMatchObject({ keyVersion: 4, resumed: true, refused: 0 });
  expect(await versions()).toEqual([4]);
});

test('older versions of the key go once no field, no backup and no moment of the cell needs them', async () => {
  const retire = () =>
    project.json<{ version: number; state: string; backups: number; rows: number }[]>([
      'keys',
      'retire',
      SLUG,
      '-y',
    ]);
  const wrapped = () =>
    project.control<{ version: number; kept: boolean }>(
      'SELECT version, wrapped IS NOT NULL AS kept FROM control.tenant_keys ORDER BY version',
    );
  const needed = await retire();
  expect(needed.map(({ version, state, rows }) => ({ version, state, rows }))).toEqual(
    [1, 2, 3].map((version) => ({ version, state: 'needed', rows: 0 })),
  );
  expect(Math.min(...needed.map(({ backups }) => backups))).toBeGreaterThan(0);
  expect((await project.run(['keys', 'retire', SLUG])).status).toBe(2);

  await project.control(`UPDATE control.backups SET started_at = started_at - interval '400 days'`);
  await project.control(
    'UPDATE control.backup_schedules SET retention_days = 1, retention_weeks = 0, retention_months = 0',
  );
  await project.json(['backups', 'run', SLUG, '--full']);
  expect((await project.run(['backups', 'prune', SLUG, '-y'])).status).toBe(0);
  expect((await retire()).map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
  expect((await wrapped()).every(({ kept }) => kept)).toBe(true);

  await project.control(`UPDATE control.tenant_keys SET superseded_at = superseded_at - interval '30 days'`);
  expect((await retire()).map(({ state }) => state)).toEqual(['destroyed', 'destroyed', 'destroyed']);
  expect(await wrapped()).toEqual([1, 2, 3, 4].map((version) => ({ version, kept: version === 4 })));
  expect(await shown()).toBe(600);
  expect(await project.json<Rotation>(ROTATE)).toMatchObject({ keyVersion: 5, refused: 0 });
  expect(await shown()).toBe(600);
});

test('the key of a tenant without a login of its own, as most are, is rotated too', async () => {
  project.manifest('callada');
  await project.json(['tenants', 'add', 'callada', '--yes', '--skip-preview']);
  await project.json(['demo', 'load', 'callada', '--patients', '5']);
  expect(await project.json<Rotation>(['keys', 'rotate', 'callada', '--settle', '1'])).toMatchObject({
    keyVersion: 2,
    refused: 0,
  });
});
