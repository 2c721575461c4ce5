import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { backupSchedules } from '../../../control-plane/backups/schedules.js';
import { copiedKeys, copiedWraps } from '../../../control-plane/keys/copied-keys.js';
import { objectStores } from '../../../control-plane/project/object-stores.js';
import { openProject } from '../../../control-plane/project/project.js';
import { openState } from '../../../control-plane/project/state/open-state.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { restoreToSchema } from '../../../data-plane/backup/tenant/restore/to-schema.js';
import { takeBackup } from '../../../data-plane/backup/tenant/take.js';
import { loginRoleOf } from '../../../data-plane/enrolment/tenant-login.js';
import { grantTenantRights } from '../../../data-plane/enrolment/tenant-rights.js';
import { localKeyring } from '../../../data-plane/keys/local-keyring.js';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { plantRows } from '../../data-plane/backup/tenant/fixture.js';
import { TEST_CONTEXT_KEY, type TestClinic, type TestDatabase } from '../../support/cell-database.js';

const CELL = 'one';

/** A control plane over two test databases. It has no engine: its tenants were removed, which left something. */
export interface Scene {
  readonly runtime: Runtime;
  /** Moves the clock. */
  forwardMs(ms: number): void;
  /** The next run ends at this point, as if it were killed. */
  crashAt(point: string): void;
  /** A tenant with rows, a login, a key, a backup, a copy of rows, a manifest, and what a killed rehearsal left. */
  plant(slug: string): Promise<TestClinic>;
}

export class Crash extends Error {}

export const useScene = (control: TestDatabase, cell: TestDatabase): Scene => {
  const root = mkdtempSync(join(tmpdir(), 'ringfence-erasure-'));
  mkdirSync(join(root, 'tenants'));
  const roles: string[] = [];
  afterAll(async () => {
    for (const role of roles) await cell.admin.query(`DROP ROLE IF EXISTS ${role}`);
    rmSync(root, { recursive: true });
  });
  const project = openProject(root);
  let offsetMs = 0;
  let crashing: string | undefined;
  const now = () => new Date(Date.now() + offsetMs);
  const reached = (point: string): void => {
    if (point !== crashing) return;
    crashing = undefined;
    throw new Crash(point);
  };
  const objects = objectStores(project, {});
  const keyRoot = localKeyring(join(root, 'keyring'));
  let keys: ReturnType<typeof tenantKeys> | undefined;
  const runtime = {
    project,
    state: openState(project, {}),
    caller: { who: 'ana', door: 'cli', correlationId: randomUUID() },
    get control() {
      return control.admin;
    },
    get target() {
      keys ??= tenantKeys({ root: keyRoot, store: copiedKeys(control.admin, objects), now });
      return {
        cellDir: () => root,
        adminConnection: async () => cell.connection,
        server: async () => ({ state: async () => 'running' }),
        credentials: () => ({ appPassword: 'app', keeperPassword: 'keeper', contextKey: TEST_CONTEXT_KEY }),
        tenantKeys: keys,
        keyWraps: copiedWraps(control.admin, objects),
        keyRoot,
        keyRootOf: () => keyRoot,
        rootKeyId: () => keyRoot.ensureRoot(CELL, { mayCreate: true }),
        schedules: backupSchedules(control.admin),
        objects,
        history: async () => ({ keptDays: async (days: number) => days }),
        reached,
      };
    },
    stackRunner: () => Promise.reject(new Error('there is no engine here')),
    beforeChange: async () => undefined,
    hasChanged: () => undefined,
    reached,
    now,
    close: async () => undefined,
  } as unknown as Runtime;

  const plant: Scene['plant'] = async (slug) => {
    await control.admin.query(
      'INSERT INTO control.project (id) VALUES (gen_random_uuid()) ON CONFLICT (only_one) DO NOTHING',
    );
    await control.admin.query(
      `INSERT INTO control.cells (name, tier, region, target, port) VALUES ($1, 'shared', 'eu-central-1', 'local', $2)
       ON CONFLICT DO NOTHING`,
      [CELL, cell.connection.port],
    );
    const clinic = { tenantId: randomUUID(), clinicId: randomUUID() };
    const { tenantId, clinicId } = clinic;
    const role = loginRoleOf(tenantId);
    roles.push(role);
    await cell.admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'login'`);
    await grantTenantRights(cell.admin, role);
    await cell.admin.query(
      `INSERT INTO ringfence.tenants (id, slug, state, login_role) VALUES ($1, $2, 'active', $3)`,
      [tenantId, slug, role],
    );
    await cell.admin.query(
      `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
       VALUES ($1, $2, 'centro', $3, 'dental', 'Europe/Madrid', 'active')`,
      [clinicId, tenantId, slug],
    );
    await cell.admin.query(
      `INSERT INTO ringfence.support_grants (tenant_id, user_id, reason, granted_by, expires_at)
       VALUES ($1, gen_random_uuid(), 'to look at it', 'ana', now() + interval '1 hour')`,
      [tenantId],
    );
    await plantRows(cell, clinic, 2);
    await control.admin.query(
      `WITH placed AS (
       INSERT INTO control.tenants (id, slug, cell, tier, state, legal_name, plan)
       VALUES ($1, $2, $3, 'shared', 'removed', 'Clínica', 'starter')
       RETURNING id, cell)
     INSERT INTO control.placements (tenant_id, cell, epoch, state) SELECT id, cell, 1, 'home' FROM placed`,
      [tenantId, slug, CELL],
    );
    await control.admin.query(`INSERT INTO control.clinics (id, tenant_id, slug) VALUES ($1, $2, 'centro')`, [
      clinicId,
      tenantId,
    ]);
    await control.admin.query(
      `INSERT INTO control.audit_anchors (tenant_id, seq, hash) VALUES ($1, 1, sha256('x'))`,
      [tenantId],
    );
    await control.admin.query(
      `WITH worker AS (
         INSERT INTO control.workers (id, host, process_id, version) VALUES (gen_random_uuid(), 'here', 1, '0.1.0') RETURNING id),
       ended AS (
         INSERT INTO control.submissions (id, kind, request, printing, slug, version, who, state, worker, ended_at, exit_status)
         SELECT gen_random_uuid(), 'tenants add', json_build_object('args', json_build_array($1::text)), '{}', $1, '0.1.0', 'ana',
                'ended', worker.id, now(), 0
           FROM worker RETURNING id)
       INSERT INTO control.submission_output (submission, stream, text) SELECT id, 'err', 'deployed ' || $1 FROM ended`,
      [slug],
    );
    await backUp(tenantId);
    writeFileSync(join(root, 'tenants', `${slug}.yaml.removed`), 'legalName: Clínica');
    for (const name of ['rehearsal', 'control-rehearsal']) {
      const rehearsal = join(project.home, 'scratch', name);
      mkdirSync(rehearsal, { recursive: true });
      writeFileSync(join(rehearsal, `left-by-a-killed-rehearsal-of-${slug}`), '');
    }
    return clinic;
  };

  const backUp = async (tenantId: string): Promise<void> => {
    const { target } = runtime;
    const backupId = randomUUID();
    const source = {
      admin: cell.connection,
      tenantId,
      key: await target.tenantKeys.create(tenantId, await target.rootKeyId(CELL)),
      store: target.objects.at(target.objects.place, CELL),
      objectKey: `${tenantId}/${backupId}.backup`,
      backupId,
    };
    await takeBackup({
      ...source,
      app: cell.appConnection,
      contextKey: TEST_CONTEXT_KEY,
      now: () => new Date(),
    });
    await control.admin.query(
      `INSERT INTO control.backups (id, tenant_id, cell, key_version, place, object_key, state) VALUES ($1, $2, $3, 1, 'folder', $4, 'verified')`,
      [backupId, tenantId, CELL, source.objectKey],
    );
    await restoreToSchema({ ...source, dryRun: false });
  };

  return {
    runtime,
    forwardMs: (ms) => {
      offsetMs += ms;
    },
    crashAt: (point) => {
      crashing = point;
    },
    plant,
  };
};

/** Tables of a database in which any row has one of these texts, in any column. */
export const tablesWith = async (
  { admin }: TestDatabase,
  texts: readonly string[],
): Promise<Record<string, number>> => {
  const { rows } = await admin.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1`,
  );
  const found: Record<string, number> = {};
  for (const { name } of rows) {
    const { rowCount } = await admin.query(
      `SELECT FROM ${name} AS r WHERE EXISTS (SELECT FROM unnest($1::text[]) AS t WHERE strpos(r::text, t) > 0)`,
      [texts],
    );
    if (rowCount) found[name] = rowCount;
  }
  return found;
};
