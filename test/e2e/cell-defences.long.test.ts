import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signContextToken } from '../../data-plane/access/context-token.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { loginRoleOf } from '../../data-plane/enrolment/tenant-login.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

const CELL = 'shared-eu-central-1';
const SLUG = 'uno';

let project: CliProject;
let tenantId: string;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG);
  project.manifest('dos');
  await project.deploy();
  ({ id: tenantId } = await project.json<{ id: string }>(['tenants', 'show', SLUG]));
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

const damage = (sql: string) => project.cell(CELL, sql);
const dryRun = () => project.run(['cells', 'repair', CELL, '--dry-run']);
const credentials = () =>
  JSON.parse(readFileSync(join(project.home, 'cells', CELL, 'credentials.json'), 'utf8')) as {
    appPassword: string;
    contextKeyId: number;
  };
const connect = async (user: string, password: string): Promise<pg.Client> => {
  const { host, port } = runningLocalServer(join(project.home, 'cells', CELL)) ?? {};
  const client = new pg.Client({
    host: String(host),
    port: Number(port),
    user,
    password,
    database: 'ringfence',
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

const tokenOf = async (client: pg.Client, slug: string): Promise<Buffer> => {
  const [ids] = await project.cell(
    CELL,
    `SELECT c.id AS clinic, t.id AS tenant FROM ringfence.clinics c JOIN ringfence.tenants t ON t.id = c.tenant_id WHERE t.slug = $1`,
    [slug],
  );
  const { contextKeyId, contextSecret } = JSON.parse(
    readFileSync(join(project.home, 'cells', CELL, 'credentials.json'), 'utf8'),
  );
  const { clinic, tenant } = ids as { clinic: string; tenant: string };
  return signContextToken(
    { tenantId: tenant, clinicId: clinic },
    {
      key: { keyId: contextKeyId, secret: Buffer.from(contextSecret, 'base64') },
      backendPid: (client as unknown as { processID: number }).processID,
      now: new Date(),
    },
  );
};

/** Begins a transaction in the clinic of a tenant. */
const enter = async (client: pg.Client, slug: string): Promise<void> => {
  const token = await tokenOf(client, slug);
  await client.query('BEGIN');
  await client.query('SELECT ringfence.enter($1)', [token]);
};

/** What an operator can do by hand in a bad night, one thing of each kind. */
const DAMAGE: ReadonlyArray<readonly [string, RegExp]> = [
  [
    'DROP OWNED BY ringfence_app, ringfence_tenant',
    /grant ringfence_app on table clinical\.patients is missing/,
  ],
  ['ALTER ROLE ringfence_app BYPASSRLS CREATEROLE', /role ringfence_app is another/],
  [`ALTER ROLE ringfence_app SET TimeZone = 'Asia/Tokyo'`, /setting ringfence_app is another/],
  [`ALTER ROLE ringfence_app PASSWORD 'x'`, /password of ringfence_app/],
  ['GRANT ringfence_gate TO ringfence_app', /membership ringfence_app in ringfence_gate is not of/],
  ['DROP POLICY clinic_boundary ON clinical.staff', /policy clinic_boundary on clinical\.staff is missing/],
  ['CREATE POLICY support ON clinical.staff USING (true)', /policy support on clinical\.staff is not of/],
  [
    'ALTER TABLE clinical.visits NO FORCE ROW LEVEL SECURITY',
    /row-level security clinical\.visits is another/,
  ],
  [
    'DROP TRIGGER ringfence_guard ON clinical.services',
    /trigger ringfence_guard on clinical\.services is missing/,
  ],
  ['ALTER TABLE clinical.invoices OWNER TO ringfence_gate', /owner clinical\.invoices is another/],
  ['ALTER EVENT TRIGGER ringfence_definitions DISABLE', /event trigger ringfence_definitions is another/],
  [
    `CREATE OR REPLACE FUNCTION ringfence.may_write() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'`,
    /function ringfence\.may_write\(\) is another/,
  ],
  [
    'GRANT SELECT ON ringfence_private.context_keys TO PUBLIC',
    /grant PUBLIC on table ringfence_private\.context_keys is not of/,
  ],
  ['GRANT SELECT ON pg_class TO PUBLIC', /revocation PUBLIC on table pg_class is missing/],
  ['GRANT CONNECT ON DATABASE postgres TO PUBLIC', /grant PUBLIC on database postgres is not of/],
];

test.each([
  ['all of them at once', DAMAGE],
  [
    'a thing that is gone',
    [
      ['DROP EVENT TRIGGER ringfence_definitions', /event trigger ringfence_definitions is missing/],
    ] as typeof DAMAGE,
  ],
])('cells repair names and mends what was done by hand: %s', async (_, done) => {
  for (const [sql] of done) await damage(sql);
  const looked = await dryRun();
  for (const [sql, named] of done) expect(looked.stderr, sql).toMatch(named);
  expect(looked.status).toBe(7);
  const { status, stdout } = await project.run(['cells', 'repair', CELL, '--yes']);
  expect([status, stdout]).toEqual([0, expect.stringContaining('put back')]);
  expect(await dryRun()).toMatchObject({ status: 0, stdout: `${CELL}: every defence is as released\n` });
});

test('cells up and tenants apply put everything back as well, and say what', async () => {
  const everything = DAMAGE.map(([sql]) => sql)
    .filter((sql) => !sql.includes('DISABLE'))
    .join('; ');
  await damage(everything);
  const preview = await project.run(['tenants', 'preview', SLUG]);
  expect(preview.stdout).toMatch(
    /~ CellDatabase schema \(.*policy clinic_boundary on clinical\.staff is missing/,
  );
  const applied = await project.run(['tenants', 'apply', SLUG, '--yes']);
  expect(applied.status).toBe(0);
  expect(applied.stderr).toMatch(/policy clinic_boundary on clinical\.staff is missing: put back/);
  expect((await dryRun()).status).toBe(0);

  await damage(everything);
  expect((await project.run(['cells', 'up', CELL])).status).toBe(0);
  expect((await dryRun()).status).toBe(0);
  expect((await project.run(['schema', 'lint'])).stdout).toBe(`${CELL}: clean\n`);
});

test('what cannot be put back is named by every command, and the rest is put back', async () => {
  const open = `DROP POLICY clinic_boundary ON clinical.patients`;
  await damage(`ALTER TABLE clinical.messages DROP CONSTRAINT messages_clinic_id_conversation_id_fkey;
    INSERT INTO clinical.messages (clinic_id, conversation_id, author, body_sealed, sent_at)
    SELECT id, gen_random_uuid(), 'staff', '', now() FROM ringfence.clinics LIMIT 1`);
  for (const args of [
    ['cells', 'repair', CELL, '--yes'],
    ['tenants', 'apply', SLUG, '--yes'],
    ['cells', 'up', CELL],
  ]) {
    await damage(open);
    const { status, stderr } = await project.run(args);
    expect([args, status, stderr]).toEqual([
      args,
      5,
      expect.stringMatching(
        /\[repair_incomplete\].*messages_clinic_id_conversation_id_fkey on clinical\.messages.*SQLSTATE 23503/,
      ),
    ]);
    expect(
      await project.cell(
        CELL,
        `SELECT FROM pg_policies WHERE tablename = 'patients' AND policyname = 'clinic_boundary'`,
      ),
    ).toHaveLength(1);
  }
  expect((await dryRun()).status).toBe(7);
  await damage(
    'DELETE FROM clinical.messages m WHERE NOT EXISTS (SELECT FROM clinical.conversations c WHERE c.id = m.conversation_id)',
  );
  expect((await project.run(['cells', 'repair', CELL, '--yes'])).status).toBe(0);
});

test('cells repair does not say that all is well when the lint names something', async () => {
  await damage(
    'CREATE PUBLICATION everything FOR TABLE clinical.patients; GRANT ringfence_admin TO ringfence_app',
  );
  const looked = await dryRun();
  expect([looked.status, looked.stdout]).toEqual([7, expect.stringContaining('the schema lint looks when')]);
  expect(looked.stderr).toMatch(/membership ringfence_app in ringfence_admin is not of/);
  const named = { status: 5, stderr: expect.stringContaining('publishes clinical.patients') };
  expect(await project.run(['cells', 'repair', CELL, '--yes'])).toMatchObject({
    ...named,
    stdout: `${CELL}: 1 put back, but the schema lint names 1\n`,
  });
  expect(await dryRun()).toMatchObject({
    ...named,
    stdout: `${CELL}: every defence is as released, but the schema lint names 1\n`,
  });
  await damage('DROP PUBLICATION everything');
  expect(await dryRun()).toMatchObject({ status: 0, stdout: `${CELL}: every defence is as released\n` });
});

test('a tenant that was closed by hand shows in the preview, and apply opens it', async () => {
  await damage(`UPDATE ringfence.tenants SET state = 'suspended' WHERE slug = '${SLUG}'`);
  expect((await project.run(['tenants', 'preview', SLUG])).stdout).toMatch(
    /~ TenantEnrolment enrolment\.shared-eu-central-1 \(state\)/,
  );
  await project.deploy();
  expect(await project.cell(CELL, `SELECT state FROM ringfence.tenants WHERE slug = '${SLUG}'`)).toEqual([
    { state: 'active' },
  ]);
});

test('a suspension ends what is under way, and nothing of the neighbour', async () => {
  const { appPassword } = credentials();
  const [one, other] = [
    await connect('ringfence_app', appPassword),
    await connect('ringfence_app', appPassword),
  ];
  await enter(one, SLUG);
  await enter(other, 'dos');
  expect(
    (await project.run(['tenants', 'suspend', SLUG, '--reason', 'a test of the bound', '--yes'])).status,
  ).toBe(0);
  await expect(one.query('SELECT FROM ringfence.clinics')).rejects.toThrow();
  expect((await other.query('SELECT FROM ringfence.clinics')).rowCount).toBe(1);
  await other.query('COMMIT');
  await other.end();
  await one.end().catch(() => undefined);
  expect(
    (await project.run(['tenants', 'resume', SLUG, '--reason', 'the test is over', '--yes'])).status,
  ).toBe(0);
});

test('a login of its own comes with the manifest, and is kept as it should be', async () => {
  const role = loginRoleOf(tenantId);
  expect(role).not.toContain(tenantId.replaceAll('-', ''));
  expect(await project.cell(CELL, 'SELECT FROM pg_roles WHERE rolname = $1', [role])).toEqual([]);
  project.manifest(SLUG, { sqlLogin: { reason: 'reports by their own analyst' } });
  expect((await project.run(['tenants', 'preview', SLUG])).stdout).toMatch(/\+ TenantLogin login/);
  await project.deploy();
  expect(await project.json(['tenants', 'show', SLUG])).toMatchObject({ connection: { user: role } });

  await damage(`ALTER ROLE ${role} BYPASSRLS VALID UNTIL '2020-01-01'; ALTER ROLE ${role} SET search_path = x;
    GRANT ringfence_gate TO ${role}; GRANT ringfence_tenant TO ${role} WITH SET TRUE; ALTER ROLE ${role} PASSWORD 'x'`);
  expect((await project.run(['tenants', 'preview', SLUG])).stdout).toMatch(
    /~ TenantLogin login\.shared-eu-central-1 \(intact\)/,
  );
  await project.deploy();
  expect((await project.run(['tenants', 'preview', SLUG, '--refresh'])).stdout).toMatch(/no changes/);
  expect((await project.run(['schema', 'lint'])).stdout).toBe(`${CELL}: clean\n`);
});

test('a suspension waits for nothing that a session of the tenant holds', async () => {
  const role = loginRoleOf(tenantId);
  // Its password as somebody may know it who has left.
  await damage(`ALTER ROLE ${role} PASSWORD 'known'`);
  const own = await connect(role, 'known');
  await own.query(
    `SET idle_in_transaction_session_timeout = 0; BEGIN; ALTER ROLE ${role} PASSWORD 'changed'`,
  );
  const holder = await connect('ringfence_app', credentials().appPassword);
  await holder.query('SET idle_in_transaction_session_timeout = 0');
  await enter(holder, SLUG);
  const token = await tokenOf(holder, SLUG);
  // An event, and with it the end of the clinic's chain, which the next event waits for.
  await holder.query(`SELECT ringfence.record_refusal($1, 'not_permitted')`, [token]);
  await holder.query('SET CONSTRAINTS ALL IMMEDIATE');

  const { status, stderr } = await project.run([
    'tenants',
    'suspend',
    SLUG,
    '--reason',
    'a held ledger',
    '--yes',
  ]);
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  await expect(holder.query('COMMIT')).rejects.toThrow();
  await expect(own.query('COMMIT')).rejects.toThrow();
  await expect(connect(role, 'known')).rejects.toMatchObject({ code: '28000' });
  expect((await project.run(['tenants', 'suspend', SLUG, '--reason', 'once more', '--yes'])).status).toBe(0);
  expect(
    await project.cell(
      CELL,
      `SELECT e.detail ->> 'reason' AS reason FROM clinical.audit_events e JOIN ringfence.clinics c ON c.id = e.clinic_id
         JOIN ringfence.tenants t ON t.id = c.tenant_id WHERE t.slug = '${SLUG}' AND e.action = 'suspended' ORDER BY e.at DESC LIMIT 1`,
    ),
  ).toEqual([{ reason: 'a held ledger' }]);
  await own.end().catch(() => undefined);
  await holder.end().catch(() => undefined);
  expect(
    (await project.run(['tenants', 'resume', SLUG, '--reason', 'the test is over', '--yes'])).status,
  ).toBe(0);
});

test('a login of its own goes with the manifest, whatever was done to it', async () => {
  const role = loginRoleOf(tenantId);
  await damage(
    `ALTER ROLE ${role} BYPASSRLS; ALTER DEFAULT PRIVILEGES FOR ROLE ${role} GRANT SELECT ON TABLES TO PUBLIC`,
  );
  project.manifest(SLUG);
  expect((await project.run(['tenants', 'preview', SLUG])).stdout).toMatch(/- TenantLogin login/);
  await project.deploy();
  expect(await project.cell(CELL, 'SELECT FROM pg_roles WHERE rolname = $1', [role])).toEqual([]);
});

test('rotations leave the application working, and the older secrets not', async () => {
  const before = credentials();
  expect((await project.run(['cells', 'rotate-credentials', CELL, '--yes'])).status).toBe(0);
  const after = credentials();
  expect(after.appPassword).not.toBe(before.appPassword);
  await expect(connect('ringfence_app', before.appPassword)).rejects.toMatchObject({ code: '28P01' });
  await (await connect('ringfence_app', after.appPassword)).end();

  const rotated = await project.json<{ keyId: number; earlierValidUntil: string }>([
    'cells',
    'rotate-context-key',
    CELL,
    '--grace-minutes',
    '0',
    '--yes',
  ]);
  expect(rotated.keyId).not.toBe(before.contextKeyId);
  expect(credentials().contextKeyId).toBe(rotated.keyId);
  expect(
    await project.cell(
      CELL,
      'SELECT key_id FROM ringfence_private.context_keys WHERE valid_until > clock_timestamp()',
    ),
  ).toEqual([{ key_id: rotated.keyId }]);
  expect((await project.run(['isolation', 'test', '--scenario', 'forged-badge'])).status).toBe(0);
  expect((await project.run(['backups', 'run', SLUG])).status).toBe(0);
  const { status, stderr } = await project.run([
    'cells',
    'rotate-context-key',
    CELL,
    '--grace-minutes',
    'soon',
    '--yes',
  ]);
  expect([status, stderr]).toEqual([2, expect.stringContaining('allowed: a whole number')]);
});

test('credentials that are older than the cell are refused, and change nothing', async () => {
  const file = join(project.home, 'cells', CELL, 'credentials.json');
  const earlier = readFileSync(file);
  for (const args of [
    ['rotate-credentials', CELL],
    ['rotate-context-key', CELL, '--grace-minutes', '0'],
  ])
    expect((await project.run(['cells', ...args, '--yes'])).status).toBe(0);
  const newer = readFileSync(file);
  const known = () =>
    project.cell(
      CELL,
      `SELECT key_id, valid_until > clock_timestamp() AS valid, (SELECT string_agg(verifier, '' ORDER BY login) FROM ringfence_private.application_logins)
         FROM ringfence_private.context_keys ORDER BY key_id`,
    );
  const before = await known();
  writeFileSync(file, earlier);
  for (const args of [
    ['cells', 'repair', CELL, '--yes'],
    ['cells', 'repair', CELL, '--dry-run'],
    ['cells', 'up', CELL],
    ['backups', 'run', SLUG],
  ]) {
    const { status, stderr } = await project.run(args);
    expect([args, status, stderr]).toEqual([
      args,
      expect.any(Number),
      expect.stringContaining('credentials are older than the cell'),
    ]);
    expect(status).not.toBe(0);
  }
  expect(await known()).toEqual(before);
  expect(
    (await project.run(['cells', 'rotate-context-key', CELL, '--grace-minutes', '0', '--yes'])).status,
  ).toBe(0);
  expect((await project.run(['cells', 'rotate-credentials', CELL, '--yes'])).status).toBe(0);
  expect((await dryRun()).status).toBe(0);
  writeFileSync(file, newer);
  expect((await project.run(['cells', 'repair', CELL, '--yes'])).status).toBe(1);
});
