import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { erasureFolder } from '../../../control-plane/control-backup/signing-key.js';
import { cancelErasure } from '../../../control-plane/erasure/cancel-erasure.js';
import { projectPublicKey } from '../../../control-plane/erasure/certify.js';
import { eraseTenant } from '../../../control-plane/erasure/erase-tenant.js';
import { requestErasure } from '../../../control-plane/erasure/request-erasure.js';
import { ERASURE } from '../../../control-plane/erasure/steps.js';
import { holdTenant, listTenantHolds, releaseHold } from '../../../control-plane/holds/tenant-holds.js';
import { wrappedKeys } from '../../../control-plane/keys/store.js';
import { pointsOf } from '../../../control-plane/operation/step.js';
import { listDueErasures } from '../../../control-plane/tenants/erasures.js';
import { getTenant } from '../../../control-plane/tenants/store.js';
import { runWorker } from '../../../control-plane/worker/worker.js';
import { RingfenceError } from '../../../core/errors.js';
import { verifyBackup } from '../../../data-plane/backup/tenant/verify.js';
import { loginRoleOf } from '../../../data-plane/enrolment/tenant-login.js';
import { verifyCertificate } from '../../../data-plane/erasure/sign-certificate.js';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { asClinic, type TestClinic, tokenFor, useDatabase } from '../../support/cell-database.js';
import { Crash, tablesWith, useScene } from './scene.js';

const control = useDatabase('control');
const cell = useDatabase('cell');
const scene = useScene(control, cell);
const { runtime } = scene;

const NOW = { waitDays: 0, reason: 'la clínica cierra: طلب' } as const;
const DAY_MS = 86_400_000;

/** What is left of an erased tenant anywhere, found by looking at everything. */
const remains = async (slug: string, { tenantId, clinicId }: TestClinic) => {
  const objects = join(runtime.project.root, 'objects');
  const places = [objects, join(runtime.project.root, 'tenants'), join(runtime.project.home, 'scratch')];
  const files = places.flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [],
  );
  const keys = await control.admin.query<{ bytes: number }>(
    'SELECT count(wrapped)::int AS bytes FROM control.tenant_keys WHERE tenant_id = $1',
    [tenantId],
  );
  return {
    cell: await tablesWith(cell, [tenantId, clinicId, slug]),
    control: await tablesWith(control, [slug]),
    routes: Object.keys(await tablesWith(control, [tenantId, clinicId])),
    roles: (await cell.admin.query('SELECT FROM pg_roles WHERE rolname = $1', [loginRoleOf(tenantId)]))
      .rowCount,
    files: files
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => path.includes(tenantId) || path.includes(slug)),
    keyBytes: keys.rows[0]?.bytes,
    running: (
      await control.admin.query(`SELECT FROM control.operations WHERE tenant_id = $1 AND state = 'running'`, [
        tenantId,
      ])
    ).rowCount,
  };
};

/** The records that stay, by id. */
const KEPT = [
  'control.backups',
  'control.erasures',
  'control.operations',
  'control.submissions',
  'control.tenant_keys',
];
const NOTHING = { cell: {}, control: {}, routes: KEPT, roles: 0, files: [], keyBytes: 0, running: 0 };

const POINTS = ['erasure-requested', 'use-stopped', ...pointsOf(ERASURE).recorded, 'certificate-written'];

const SCHEDULES = 'SELECT count(*)::int AS count FROM graphile_worker._private_known_crontabs';

describe('An erasure', () => {
  it.each(POINTS)('that is killed at %s is finished by the same command', async (point) => {
    const slug = `killed-${point.replace(':', '-')}`;
    const clinic = await scene.plant(slug);
    scene.crashAt(point);
    const erase = async () => {
      await requestErasure(runtime, slug, NOW).catch((error: unknown) => {
        if (!(error instanceof RingfenceError)) throw error;
      });
      return eraseTenant(runtime, slug);
    };
    await expect(erase()).rejects.toThrow(Crash);
    // A process that is killed does not write down that it failed.
    await control.admin.query(
      `UPDATE control.operations o SET error_code = NULL, state = coalesce((SELECT 'done' FROM control.erasures e
          WHERE e.tenant_id = o.tenant_id AND e.state = 'done'), 'running')
        WHERE tenant_id = $1 AND kind = 'erase' AND state = 'failed'`,
      [clinic.tenantId],
    );
    const { certificate } = await erase();
    expect(await remains(slug, clinic)).toEqual(NOTHING);
    expect(certificate?.erased).toMatchObject({ clinics: 1, keyVersions: 1, objects: 1, scratchCopies: 1 });
    expect(certificate?.erased.rows['clinical.patients']).toBe(2);
    const file = join(erasureFolder(runtime.project), `${certificate?.id}.json`);
    expect(verifyCertificate(readFileSync(file, 'utf8'), projectPublicKey(runtime.project))).toEqual(
      certificate,
    );
  });

  it('writes to no other tenant, and ends the sessions of its own login', async () => {
    const [gone, stays] = [await scene.plant('leaves'), await scene.plant('stays-here')];
    const count = () => tablesWith(cell, [stays.tenantId, stays.clinicId]);
    const before = await count();
    const session = new pg.Client({
      ...cell.connection,
      user: loginRoleOf(gone.tenantId),
      password: 'login',
    });
    const ended = new Promise<void>((resolve) => session.on('end', () => resolve()));
    session.on('error', () => undefined);
    await cell.admin.query(`GRANT CONNECT ON DATABASE ${cell.connection.database} TO ringfence_tenant`);
    await session.connect();
    await requestErasure(runtime, 'leaves', NOW);
    await eraseTenant(runtime, 'leaves');
    await ended;
    expect(await count()).toEqual(before);
    await asClinic(cell.app, stays, (client) => client.query('SELECT FROM clinical.patients'));
    await expect(
      asClinic(cell.app, gone, (client) => client.query('SELECT FROM clinical.patients')),
    ).rejects.toMatchObject({ code: '42501' });
  });

  it('ends a transaction that still writes for the tenant, and leaves nothing of what it wrote', async () => {
    const clinic = await scene.plant('busy');
    const client = new pg.Client(cell.appConnection);
    client.on('error', () => undefined);
    await client.connect();
    await client.query('BEGIN');
    await client.query('SELECT ringfence.enter($1)', [tokenFor(client as unknown as pg.PoolClient, clinic)]);
    await client.query(
      `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'late', 30)`,
      [clinic.clinicId],
    );
    await requestErasure(runtime, 'busy', NOW);
    await expect(client.query('COMMIT')).rejects.toThrow();
    await client.end().catch(() => undefined);
    expect((await eraseTenant(runtime, 'busy')).state).toBe('done');
    expect(await remains('busy', clinic)).toEqual(NOTHING);
  });

  it('leaves no archive that opens, neither with the key of the store nor from another process', async () => {
    const { tenantId } = await scene.plant('archived');
    const store = runtime.target.objects.at(runtime.target.objects.place, 'one');
    const [backup] = (
      await control.admin.query<{ id: string; key: string }>(
        'SELECT id, object_key AS key FROM control.backups WHERE tenant_id = $1',
        [tenantId],
      )
    ).rows;
    if (!backup) throw new Error('no backup');
    const parts: Buffer[] = [];
    for await (const part of await store.get(backup.key)) parts.push(part);
    await requestErasure(runtime, 'archived', NOW);
    await eraseTenant(runtime, 'archived');

    await store.put(
      backup.key,
      (async function* () {
        yield* parts;
      })(),
    );
    const elsewhere = tenantKeys({ root: runtime.target.keyRoot, store: wrappedKeys(control.admin) });
    for (const keys of [runtime.target.tenantKeys, elsewhere])
      await expect(keys.load(tenantId, 1)).rejects.toMatchObject({ code: 'key_not_found' });
    const neighbour = await runtime.target.tenantKeys.create(
      randomUUID(),
      await runtime.target.rootKeyId('one'),
    );
    const source = { admin: cell.connection, tenantId, key: neighbour, store, objectKey: backup.key };
    await expect(verifyBackup({ ...source, backupId: backup.id })).rejects.toMatchObject({
      code: 'backup_refused',
    });
    await store.delete(backup.key);
  });

  it('waits, tells when it is due, and can be taken back until it has begun', async () => {
    const clinic = await scene.plant('waits');
    await control.admin.query(`UPDATE control.tenants SET state = 'active' WHERE slug = 'waits'`);
    const stateInCell = async () =>
      (await cell.admin.query('SELECT state FROM ringfence.tenants WHERE id = $1', [clinic.tenantId])).rows[0]
        ?.state;
    const erasure = await requestErasure(runtime, 'waits', { ...NOW, waitDays: 30 });
    expect(erasure.dueAt.getTime() - erasure.requestedAt.getTime()).toBe(30 * DAY_MS);
    expect([(await getTenant(control.admin, 'waits')).state, await stateInCell()]).toEqual([
      'suspended',
      'suspended',
    ]);
    await expect(eraseTenant(runtime, 'waits')).rejects.toMatchObject({ code: 'conflict' });
    await expect(requestErasure(runtime, 'waits', NOW)).rejects.toMatchObject({ code: 'conflict' });
    expect(await listDueErasures(control.admin, runtime.now())).toEqual([]);
    expect(await listDueErasures(control.admin, new Date(Date.now() + 31 * DAY_MS))).toEqual(['waits']);

    // Killed between the two halves, the tenant stays out and nothing falls due; the next run lets it in.
    scene.crashAt('erasure-cancelled');
    const cancel = () => cancelErasure(runtime, 'waits', { reason: 'se lo pensaron' });
    await expect(cancel()).rejects.toThrow(Crash);
    expect(await listDueErasures(control.admin, new Date(Date.now() + 31 * DAY_MS))).toEqual([]);
    await cancel();
    expect([(await getTenant(control.admin, 'waits')).state, await stateInCell()]).toEqual([
      'active',
      'active',
    ]);
    await expect(cancel()).rejects.toMatchObject({ code: 'erasure_not_found' });

    await control.admin.query(`UPDATE control.tenants SET state = 'removed' WHERE slug = 'waits'`);
    await requestErasure(runtime, 'waits', { ...NOW, waitDays: 30 });
    scene.forwardMs(31 * DAY_MS);
    scene.crashAt('erase:begin');
    await expect(eraseTenant(runtime, 'waits')).rejects.toThrow(Crash);
    await expect(cancel()).rejects.toMatchObject({ code: 'conflict' });
    await expect(
      holdTenant(runtime, 'waits', { kind: 'legal-hold', reason: 'late', until: null }),
    ).rejects.toMatchObject({ code: 'conflict' });
    const { certificate } = await eraseTenant(runtime, 'waits');
    scene.forwardMs(-31 * DAY_MS);
    expect(
      Date.parse(certificate?.keyCopiesGoneAt ?? '') - Date.parse(certificate?.keyDestroyedAt ?? ''),
    ).toBe(9 * DAY_MS);
    expect(Date.parse(certificate?.useStoppedAt ?? '')).toBeLessThan(
      Date.parse(certificate?.keyDestroyedAt ?? ''),
    );
    // What is known afterwards: that it was erased, to whoever knows its name.
    for (const refused of [getTenant(control.admin, 'waits'), cancel()])
      await expect(refused).rejects.toMatchObject({ code: 'tenant_erased' });
    expect((await eraseTenant(runtime, 'waits')).id).toBe(certificate?.id);
  });

  it('that is due is carried out by the worker, whose queue does not name the tenant afterwards', async () => {
    const clinic = await scene.plant('queued');
    await requestErasure(runtime, 'queued', NOW);
    const [ended, said] = [new AbortController(), [] as string[]];
    const say = (line: string) => void said.push(line);
    const { root: folder } = runtime.project;
    const working = runWorker(runtime, {
      folder,
      concurrency: 1,
      say,
      signal: ended.signal,
      newId: randomUUID,
      runSubmitted: async () => ({ exitStatus: 0, errorCode: null }),
    });
    const jobs = `SELECT payload FROM graphile_worker._private_jobs WHERE payload::text LIKE '%queued%'`;
    try {
      // The queue brings its tables along step by step; the schedules come after the last step.
      await expect
        .poll(() =>
          control.admin.query(SCHEDULES).then(
            ({ rows }) => rows[0].count,
            () => 0,
          ),
        )
        .toBeGreaterThan(0);
      await control.admin.query(`SELECT graphile_worker.add_job('erasure-sweep')`);
      await control.admin.query(
        `SELECT graphile_worker.add_job('backup', '{"slug": "queued"}', run_at => now() + interval '1 day')`,
      );
      await expect.poll(() => said.join()).toContain('is erased: certificate');
    } finally {
      ended.abort();
      await working;
    }
    expect((await control.admin.query(jobs)).rows).toEqual([]);
    const ran = await control.admin.query<{ correlation: string }>(
      `SELECT correlation_id AS correlation FROM control.operations WHERE tenant_id = $1 AND kind = 'erase'`,
      [clinic.tenantId],
    );
    // Each run of a job has one of its own.
    expect(ran.rows).toEqual([{ correlation: expect.any(String) }]);
    expect(ran.rows[0]?.correlation).not.toBe(runtime.caller.correlationId);
    expect(said.join()).not.toMatch(/queued|fail/);
    expect(await remains('queued', clinic)).toEqual(NOTHING);
  });

  it('is stopped by what is left, names it, and goes on once that is gone', async () => {
    const clinic = await scene.plant('sticky');
    await cell.admin.query(`CREATE TABLE public.notes (owner text, tenant_id uuid)`);
    await cell.admin.query(
      `CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    );
    await cell.admin.query(
      'CREATE TRIGGER keep BEFORE DELETE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.keep()',
    );
    await cell.admin.query('ALTER TABLE public.notes ENABLE ALWAYS TRIGGER keep');
    await cell.admin.query('INSERT INTO public.notes VALUES ($1, $2)', ['x', clinic.tenantId]);
    await requestErasure(runtime, 'sticky', NOW);
    await expect(eraseTenant(runtime, 'sticky')).rejects.toMatchObject({
      code: 'erasure_incomplete',
      message: expect.stringContaining('rows in one: public.notes.tenant_id: 1'),
    });
    await cell.admin.query('DROP TABLE public.notes');
    expect((await eraseTenant(runtime, 'sticky')).state).toBe('done');
    await cell.admin.query('DROP FUNCTION public.keep()');
    expect(await remains('sticky', clinic)).toEqual(NOTHING);
  });
});

describe('A hold', () => {
  it('stops an erasure, at the request and when it is due, until it is released or over', async () => {
    await scene.plant('held');
    const hold = (until: Date | null) =>
      holdTenant(runtime, 'held', { kind: 'retention-duty', reason: 'Ley 41/2002', until });
    const placed = await hold(null);
    const refusal = {
      code: 'erasure_held',
      exitStatus: 5,
      message: expect.stringMatching(
        new RegExp(`retention-duty ${placed.id} \\(without an end\\): Ley 41/2002`),
      ),
    };
    await expect(requestErasure(runtime, 'held', NOW)).rejects.toMatchObject(refusal);
    const stays = await cell.admin.query(`SELECT state FROM ringfence.tenants WHERE slug = 'held'`);
    expect(stays.rows).toEqual([{ state: 'active' }]);
    await releaseHold(runtime, 'held', placed.id.slice(0, 8), { reason: 'over' });
    await requestErasure(runtime, 'held', NOW);

    const second = await hold(new Date(Date.now() + DAY_MS));
    await expect(eraseTenant(runtime, 'held')).rejects.toMatchObject({
      code: 'erasure_held',
      message: expect.stringContaining(`until ${second.until?.toISOString()}`),
    });
    expect(await listDueErasures(control.admin, runtime.now())).toEqual([]);
    await expect(hold(new Date(Date.now() - 1))).rejects.toMatchObject({ code: 'usage' });
    await expect(releaseHold(runtime, 'held', placed.id, { reason: 'again' })).rejects.toMatchObject({
      code: 'hold_not_found',
    });
    expect((await listTenantHolds(runtime, 'held')).map(({ active }) => active)).toEqual([true, false]);
    scene.forwardMs(2 * DAY_MS);
    expect((await eraseTenant(runtime, 'held')).state).toBe('done');
    scene.forwardMs(-2 * DAY_MS);
    const { rows } = await control.admin.query(
      `SELECT o.kind, o.error_code AS failed, o.slug = o.tenant_id::text AS anonymous FROM control.operations o
         JOIN control.holds h USING (tenant_id) WHERE h.id = $1 ORDER BY o.started_at`,
      [placed.id],
    );
    expect(rows.map(({ kind, failed }) => `${kind} ${failed ?? 'done'}`)).toEqual([
      'hold done',
      'request-erasure erasure_held',
      'release-hold done',
      'request-erasure done',
      'hold done',
      'erase erasure_held',
      'erase done',
    ]);
    expect(rows.every(({ anonymous }) => anonymous)).toBe(true);
  });
});

it('The certificate is for its owner only', () => {
  const folder = erasureFolder(runtime.project);
  expect(readdirSync(folder).length).toBeGreaterThan(2 * POINTS.length);
  for (const name of readdirSync(folder))
    expect([name, statSync(join(folder, name)).mode & 0o077]).toEqual([name, 0]);
});
