import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { restoreTenant } from '../../../control-plane/backups/restore-in-place.js';
import { listBackups } from '../../../control-plane/backups/store.js';
import { backUpTenant, verifyTenantBackup } from '../../../control-plane/backups/tenant-backups.js';
import { eraseTenant } from '../../../control-plane/erasure/erase-tenant.js';
import { requestErasure } from '../../../control-plane/erasure/request-erasure.js';
import { subjectOf } from '../../../control-plane/erasure/subject.js';
import { probeKeys } from '../../../control-plane/keys/probe-keys.js';
import { rotateTenantKey } from '../../../control-plane/keys/rotate-key.js';
import { reconcile } from '../../../control-plane/recovery/reconcile.js';
import { removeTenant } from '../../../control-plane/removal/remove-tenant.js';
import { listErasures } from '../../../control-plane/tenants/erasures.js';
import { findTenant, listTenants } from '../../../control-plane/tenants/store.js';
import { loginRoleOf } from '../../../data-plane/enrolment/tenant-login.js';
import { eraseFromCell } from '../../../data-plane/erasure/erase-from-cell.js';
import { encryptField, fieldKey } from '../../../data-plane/keys/field-envelope.js';
import { usingKey } from '../../../data-plane/keys/using-keys.js';
import type { TestDatabase } from '../../support/cell-database.js';
import type { Scene } from '../erasure/scene.js';

export const SLUGS = ['norte', 'sur'] as const;
export type Slug = (typeof SLUGS)[number];
/** What is done to a tenant, or to a part that all share. */
export type Step =
  | {
      readonly what: 'write' | 'backup' | 'rotate' | 'remove' | 'add' | 'restore' | 'erase';
      readonly slug: Slug;
    }
  | { readonly what: 'copy control' | 'lose control' | 'older control' | 'lose cell' };

interface Known {
  readonly tenantId: string;
  readonly clinicId: string;
  phase: 'active' | 'removed';
  /** Names of patients that are in the cell, or were when it was removed. */
  live: ReadonlySet<string>;
  /** The same as of each backup. */
  readonly backups: Map<string, ReadonlySet<string>>;
}

const WHOLE = { tables: [], clinics: [], where: [], dryRun: false, agreedDeletions: 1_000_000 } as const;
const TABLES = [
  'tenants',
  'placements',
  'clinics',
  'cells',
  'project',
  'tenant_keys',
  'tenant_key_wraps',
  'backups',
  'backup_bases',
  'operations',
  'deployments',
] as const;

/** Does steps to a control plane and a cell, and knows what must be there afterwards. */
export class Model {
  readonly known = new Map<Slug, Known>();
  readonly erased = new Map<string, string>();
  private copy: Readonly<Record<string, unknown>> | undefined;
  private count = 0;

  constructor(
    private readonly scene: Scene,
    private readonly control: TestDatabase,
    private readonly cell: TestDatabase,
  ) {}

  async take(step: Step): Promise<void> {
    if ('slug' in step) await this.toTenant(step.what, step.slug);
    else if (step.what === 'copy control') this.copy = await this.readControl();
    else if (step.what === 'lose cell') await this.loseCell();
    else await this.loseControl(step.what === 'older control' ? this.copy : undefined);
  }

  private async toTenant(what: string, slug: Slug): Promise<void> {
    const { runtime } = this.scene;
    const known = this.known.get(slug);
    if (what === 'add')
      return known?.phase === 'removed' ? this.bringBack(slug, known) : known ? undefined : this.add(slug);
    if (!known) return;
    if (what === 'erase') {
      await this.erase(slug, known);
      return;
    }
    if (known.phase !== 'active') return;
    if (what === 'write') known.live = new Set([...known.live, await this.write(known)]);
    if (what === 'backup') known.backups.set((await backUpTenant(runtime, slug, {})).id, known.live);
    if (what === 'rotate') await rotateTenantKey(runtime, slug, { settleMs: 0 });
    if (what === 'restore' && known.backups.size > 0) await this.restore(slug, known);
    if (what === 'remove') {
      const { finalBackup } = await removeTenant(runtime, slug);
      if (finalBackup) known.backups.set(finalBackup.id, known.live);
      known.phase = 'removed';
    }
  }

  private async add(slug: Slug): Promise<void> {
    const { tenantId, clinicId } = await this.scene.plant(slug);
    await this.control.admin.query(
      `UPDATE control.tenants SET state = 'active', deployed_at = now() WHERE id = $1`,
      [tenantId],
    );
    await this.control.admin.query('DELETE FROM control.backups WHERE tenant_id = $1', [tenantId]);
    const known: Known = { tenantId, clinicId, phase: 'active', live: new Set(), backups: new Map() };
    known.live = new Set([await this.write(known)]);
    this.known.set(slug, known);
    // As every onboarding does.
    known.backups.set((await backUpTenant(this.scene.runtime, slug, {})).id, known.live);
  }

  /** A patient whose name is sealed under the newest key. */
  private async write({ tenantId, clinicId }: Known): Promise<string> {
    const name = `patient ${++this.count}`;
    const { rows } = await this.cell.admin.query<{ id: string }>('SELECT gen_random_uuid() AS id');
    const rowId = rows[0]?.id ?? '';
    const place = { table: 'clinical.patients', column: 'patient_name_sealed', rowId };
    const sealed = await usingKey(this.scene.runtime.target.tenantKeys.load(tenantId), (key) =>
      encryptField(fieldKey(key, clinicId), place, name),
    );
    await this.cell.admin.query(
      `INSERT INTO clinical.patients (clinic_id, id, patient_name_sealed, patient_name_index, phone_sealed, phone_index,
                                      medical_history_sealed, locale)
       VALUES ($1, $2, $3, sha256($3), '\\x00', sha256($3), '\\x00', $4)`,
      [clinicId, rowId, sealed, name],
    );
    return name;
  }

  private async restore(slug: Slug, known: Known): Promise<void> {
    const { backupId } = await restoreTenant(this.scene.runtime, slug, WHOLE);
    known.live = known.backups.get(backupId ?? '') ?? new Set();
  }

  private async enrol(slug: Slug, { tenantId, clinicId }: Known): Promise<void> {
    await this.cell.admin.query(
      `INSERT INTO ringfence.tenants (id, slug, state) VALUES ($1, $2, 'active') ON CONFLICT DO NOTHING`,
      [tenantId, slug],
    );
    await this.cell.admin.query(
      `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
       VALUES ($1, $2, 'centro', $3, 'dental', 'Europe/Madrid', 'active') ON CONFLICT DO NOTHING`,
      [clinicId, tenantId, slug],
    );
  }

  private async isEnrolled({ tenantId }: Known): Promise<boolean> {
    return (
      (await this.cell.admin.query('SELECT FROM ringfence.tenants WHERE id = $1', [tenantId])).rowCount !== 0
    );
  }

  /** As `tenants restore-removed` and `cells restore`, whose engine enrols. */
  private async bringBack(slug: Slug, known: Known): Promise<void> {
    const wasThere = await this.isEnrolled(known);
    await this.control.admin.query(`UPDATE control.tenants SET state = 'active' WHERE id = $1`, [
      known.tenantId,
    ]);
    known.phase = 'active';
    if (wasThere) return;
    await this.enrol(slug, known);
    await this.restore(slug, known);
  }

  private async erase(slug: Slug, known: Known): Promise<void> {
    const { runtime } = this.scene;
    await requestErasure(runtime, slug, { reason: 'cierra', waitDays: 0 });
    await eraseTenant(runtime, slug);
    this.erased.set(known.tenantId, known.clinicId);
    this.known.delete(slug);
  }

  private async loseCell(): Promise<void> {
    for (const known of this.known.values())
      await eraseFromCell(this.cell.connection, {
        ...subjectOf({ tenantId: known.tenantId, clinicIds: [known.clinicId] } as never),
      });
    for (const [slug, known] of this.known) if (known.phase === 'active') await this.bringBack(slug, known);
  }

  private async readControl(): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    for (const table of [...TABLES, 'erasures'])
      found[table] = (
        await this.control.admin.query(`SELECT coalesce(json_agg(t), '[]') AS rows FROM control.${table} t`)
      ).rows[0]?.rows;
    return found;
  }

  /** Puts an earlier content into the control database, or none but the project's id, and reads what the objects say. */
  private async loseControl(content: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    const { rows } = await this.control.admin.query<{ id: string }>('SELECT id FROM control.project');
    await this.putControl(
      content ?? { project: rows.map(({ id }) => ({ id, history_days: 7, only_one: true })) },
    );
    this.scene.runtime.target.tenantKeys.close();
    const { left } = await reconcile(this.scene.runtime);
    if (left.length > 0) throw new Error(`not taken over: ${JSON.stringify(left)}`);
    await this.agree();
  }

  private async putControl(content: Readonly<Record<string, unknown>>): Promise<void> {
    const client = await this.control.admin.connect();
    try {
      await client.query("SET session_replication_role = 'replica'");
      for (const table of [...TABLES, 'erasures', 'holds', 'backup_schedules', 'audit_anchors'])
        await client.query(`DELETE FROM control.${table}`);
      for (const [table, kept] of Object.entries(content)) {
        const { rows } = await client.query<{ names: string }>(
          `SELECT string_agg(quote_ident(attname), ', ') AS names FROM pg_attribute
            WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
          [`control.${table}`],
        );
        const names = rows[0]?.names;
        await client.query(
          `INSERT INTO control.${table} (${names}) SELECT ${names} FROM json_populate_recordset(NULL::control.${table}, $1)`,
          [JSON.stringify(kept)],
        );
      }
      await client.query('RESET session_replication_role');
    } finally {
      client.release();
    }
  }

  /** What the control database says of a tenant may be older than the cell: the next command goes by what is there. */
  private async agree(): Promise<void> {
    // As `cells up` finds.
    await this.control.admin.query('UPDATE control.cells SET port = $1', [this.cell.connection.port]);
    for (const [slug, known] of this.known) {
      const tenant = await findTenant(this.control.admin, slug);
      if (!tenant) throw new Error(`${slug} is forgotten`);
      const isThere = await this.isEnrolled(known);
      if (tenant.state === 'removed' && !isThere) known.phase = 'removed';
      else await this.bringBack(slug, known);
    }
  }

  /** Throws where rows are lost that a kept backup has, or something of an erased tenant is there. */
  async check(): Promise<void> {
    const { runtime } = this.scene;
    for (const [slug, known] of this.known) {
      if (known.phase === 'active') await this.same(slug, known);
      const kept = (await listBackups(this.control.admin, known.tenantId)).filter(({ id }) =>
        known.backups.has(id),
      );
      if (kept.length !== known.backups.size)
        throw new Error(`${slug}: ${known.backups.size} backups, ${kept.length} kept`);
      if (known.phase === 'removed') await this.bringBack(slug, known);
      for (const { id } of kept) {
        await verifyTenantBackup(runtime, slug, id);
        await restoreTenant(runtime, slug, { ...WHOLE, backupId: id });
        known.live = known.backups.get(id) ?? new Set();
        await this.same(slug, known);
      }
      const { refused } = await probeKeys(runtime, { id: known.tenantId, cell: 'one' });
      if (refused.some(({ column }) => column === 'clinical.patients.patient_name_sealed'))
        throw new Error(`${slug}: names do not open`);
    }
    await this.noneOfTheErased();
  }

  private async same(slug: Slug, { clinicId, live }: Known): Promise<void> {
    const { rows } = await this.cell.admin.query<{ name: string }>(
      `SELECT locale AS name FROM clinical.patients WHERE clinic_id = $1 AND locale LIKE 'patient %'`,
      [clinicId],
    );
    const found = rows.map(({ name }) => name).sort();
    const wanted = [...live].sort();
    if (found.join() !== wanted.join()) throw new Error(`${slug}: has ${found.join()}, not ${wanted.join()}`);
  }

  private async noneOfTheErased(): Promise<void> {
    const { control, target } = this.scene.runtime;
    for (const [tenantId, clinicId] of this.erased) {
      const places = [
        ['ringfence.tenants', 'id', tenantId],
        ['ringfence.clinics', 'tenant_id', tenantId],
        ['clinical.patients', 'clinic_id', clinicId],
      ] as const;
      for (const [table, column, id] of places) {
        const { rowCount } = await this.cell.admin.query(`SELECT FROM ${table} WHERE ${column} = $1`, [id]);
        if (rowCount !== 0) throw new Error(`${table} has rows of an erased tenant`);
      }
      for await (const { key } of target.objects.at('folder', 'one').list(`${tenantId}/`))
        throw new Error(`${key} of an erased tenant is there`);
      if ((await listTenants(control)).some(({ id }) => id === tenantId))
        throw new Error('an erased tenant is listed');
      const opens = await target.tenantKeys.load(tenantId).then(
        () => true,
        () => false,
      );
      if (opens) throw new Error('the key of an erased tenant opens');
      if (!(await listErasures(control)).some((erasure) => erasure.tenantId === tenantId))
        throw new Error('an erasure is forgotten');
    }
  }

  /** Leaves nothing for the next order. */
  async clear(): Promise<void> {
    for (const { tenantId, clinicId } of this.known.values())
      await eraseFromCell(this.cell.connection, {
        tenantId,
        clinicIds: [clinicId],
        loginRole: loginRoleOf(tenantId),
      });
    rmSync(join(this.scene.runtime.project.home, 'objects'), { recursive: true, force: true });
    await this.putControl({});
    this.scene.runtime.target.tenantKeys.close();
  }
}
