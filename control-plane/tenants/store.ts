import type pg from 'pg';
import { z } from 'zod';
import { inPooledTransaction } from '../../data-plane/database/connect.js';
import { RingfenceError, type Tenant, TIERS } from '../../manifest/index.js';
import { maintenanceWindow } from '../jobs/maintenance-windows.js';
import { readRows } from '../project/read-rows.js';
import { enterState, registeredState } from './enter-state.js';
import { findDoneErasure } from './erasures.js';
import { enterPlacementState, placementSchema, recordPlacement } from './placements.js';

const tenantSchema = z.object({
  id: z.guid(),
  slug: z.string(),
  /** Its home: where its people are taken in, or were last. */
  cell: z.string(),
  /** By epoch, its home among them. */
  placements: z.array(placementSchema.readonly()).readonly(),
  tier: z.enum(TIERS),
  state: registeredState,
  legalName: z.string(),
  plan: z.string(),
  /** Of its last deployment that came to its end: its number, and hashes of what it was and of what the engine knew then, hex. */
  deployment: z.int().nullable(),
  inputsHash: z.string().nullable(),
  stackHash: z.string().nullable(),
  deployedAt: z.date().nullable(),
  /** Of one that is removed, or is being removed: it was suspended before. */
  wasSuspended: z.boolean(),
  /** Id of the backup that brings a removed one back. */
  finalBackup: z.guid().nullable(),
  removedAt: z.date().nullable(),
  clinicIds: z.record(z.string(), z.guid()).readonly(),
  /** Null where it was deployed before it was kept. */
  maintenanceWindow: maintenanceWindow.nullable(),
});

/** A tenant as the control plane records it. Clinic ids by clinic slug. */
export type RegisteredTenant = Readonly<z.infer<typeof tenantSchema>>;

const TABLE = 'control.tenants';

const SELECT = `
  SELECT t.id, t.slug, t.cell, t.tier, t.state, t.legal_name AS "legalName", t.plan,
         d.number AS deployment, d.inputs_hash AS "inputsHash", d.checkpoint_hash AS "stackHash", t.deployed_at AS "deployedAt",
         t.was_suspended AS "wasSuspended", t.final_backup AS "finalBackup", t.removed_at AS "removedAt",
         t.maintenance_window AS "maintenanceWindow",
         (SELECT jsonb_agg(jsonb_build_object('cell', p.cell, 'epoch', p.epoch, 'state', p.state) ORDER BY p.epoch)
            FROM control.placements p WHERE p.tenant_id = t.id) AS placements,
         coalesce((SELECT jsonb_object_agg(c.slug, c.id) FROM control.clinics c WHERE c.tenant_id = t.id), '{}') AS "clinicIds"
    FROM control.tenants t
    LEFT JOIN LATERAL (SELECT number, inputs_hash, checkpoint_hash FROM control.deployments
                        WHERE tenant_id = t.id AND outcome IN ('done', 'adopted') ORDER BY number DESC LIMIT 1) d ON true`;

const read = async (
  control: pg.Pool,
  where: string,
  values: readonly unknown[] = [],
): Promise<RegisteredTenant[]> =>
  readRows(
    tenantSchema,
    TABLE,
    (await control.query(`${SELECT} WHERE ${where} ORDER BY t.slug`, [...values])).rows,
  );

export const listTenants = (control: pg.Pool): Promise<RegisteredTenant[]> =>
  read(control, `t.state <> 'removed'`);

/** How many tenants have rows in each cell that has any, by the cell's name. */
export const countTenants = async (control: pg.Pool): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await control.query(
    `SELECT p.cell, count(*)::int AS tenants FROM control.placements p JOIN control.tenants t ON t.id = p.tenant_id
      WHERE p.state <> 'left' AND t.state <> 'removed' GROUP BY p.cell`,
  );
  const counts = readRows(z.object({ cell: z.string(), tenants: z.int() }), 'control.placements', rows);
  return new Map(counts.map(({ cell, tenants }) => [cell, tenants]));
};

/** A tenant other than `slug` that has rows in the cell, or that was removed from it and not erased: its backups are there. */
export const findOccupant = async (
  control: pg.Pool,
  cell: string,
  slug: string,
): Promise<Pick<RegisteredTenant, 'slug' | 'state'> | undefined> => {
  const { rows } = await control.query(
    `SELECT t.slug, t.state FROM control.placements p JOIN control.tenants t ON t.id = p.tenant_id
      WHERE p.cell = $1 AND p.state <> 'left' AND t.slug <> $2 ORDER BY t.state = 'removed', t.slug LIMIT 1`,
    [cell, slug],
  );
  return readRows(tenantSchema.pick({ slug: true, state: true }), TABLE, rows)[0];
};

/** Tenants that were removed and not erased: their keys and backups are kept. */
export const listRemovedTenants = (control: pg.Pool): Promise<RegisteredTenant[]> =>
  read(control, `t.state = 'removed'`);

export const findTenant = async (control: pg.Pool, slug: string): Promise<RegisteredTenant | undefined> =>
  (await read(control, 't.slug = $1', [slug]))[0];

/** Removed ones too. */
export const findTenantById = async (control: pg.Pool, id: string): Promise<RegisteredTenant | undefined> =>
  (await read(control, 't.id = $1', [id]))[0];

/** @throws RingfenceError `tenant_not_found` when the tenant is unknown or was removed, `tenant_erased`. */
export const getTenant = async (control: pg.Pool, slug: string): Promise<RegisteredTenant> => {
  const tenant = await findTenant(control, slug);
  if (tenant && tenant.state !== 'removed') return tenant;
  if (!tenant) await refuseErased(control, slug);
  else
    throw new RingfenceError('tenant_not_found', `tenant ${slug} was removed`, {
      fix: `see \`ringfence tenants list --removed\`; bring it back with \`ringfence tenants restore-removed ${slug}\``,
    });
  throw new RingfenceError('tenant_not_found', `there is no deployed tenant ${slug}`, {
    fix: 'see `ringfence tenants list`; deploy one with `ringfence tenants add`',
  });
};

/** Removed ones too. @throws RingfenceError `tenant_not_found` when the tenant is unknown, `tenant_erased`. */
export const getKnownTenant = async (control: pg.Pool, slug: string): Promise<RegisteredTenant> =>
  (await findTenant(control, slug)) ?? getTenant(control, slug);

const refuseErased = async (control: pg.Pool, slug: string): Promise<void> => {
  const erasure = await findDoneErasure(control, slug);
  if (!erasure) return;
  throw new RingfenceError(
    'tenant_erased',
    `tenant ${slug} was erased on ${erasure.finishedAt?.toISOString()}: its rows, its key and its backups are gone for ever`,
    { fix: `its certificate has the id ${erasure.id}: see \`ringfence erasures list\`` },
  );
};

/**
 * Records the tenant with an id, and an id for each clinic, before anything is made. Idempotent: a second run
 * finds the first one's ids. @throws RingfenceError `conflict` when the tenant lives in another cell or a
 * clinic id belongs to another tenant.
 */
export const registerTenant = async (
  control: pg.Pool,
  tenant: Tenant,
  cell: string,
): Promise<RegisteredTenant> => {
  await inPooledTransaction(control, async (client) => {
    const { rows } = await client.query(
      `INSERT INTO control.tenants (slug, cell, tier, state, legal_name, plan)
       VALUES ($1, $2, $3, 'provisioning', $4, $5)
       ON CONFLICT (slug) DO UPDATE SET legal_name = excluded.legal_name, plan = excluded.plan
       RETURNING id, cell, state`,
      [tenant.slug, cell, tenant.tier, tenant.legalName, tenant.plan],
    );
    const [row] = readRows(tenantSchema.pick({ id: true, cell: true, state: true }), TABLE, rows);
    if (!row) throw new RingfenceError('internal', `tenant ${tenant.slug} was not recorded`);
    if (row.state === 'removed') {
      if (row.cell !== cell) await enterPlacementState(client, row.id, row.cell, 'left');
      await enterState(client, row.id, 'provisioning', {
        set: 'cell = $4, tier = $5',
        values: [cell, tenant.tier],
      });
    } else if (row.cell !== cell) {
      throw new RingfenceError(
        'conflict',
        `tenant ${tenant.slug} lives in cell ${row.cell}, its manifest asks for ${cell}`,
        {
          fix: `set cell: ${row.cell} in the manifest; \`ringfence tenants move ${tenant.slug} --to ${cell}\` moves it`,
        },
      );
    }
    await recordPlacement(client, row.id, cell, 'home');
    for (const clinic of tenant.clinics) await registerClinic(client, row.id, clinic);
  });
  return getTenant(control, tenant.slug);
};

const registerClinic = async (
  client: pg.PoolClient,
  tenantId: string,
  clinic: { slug: string; id: string },
): Promise<void> => {
  const { rows } = await client.query(
    `WITH added AS (
       INSERT INTO control.clinics (id, tenant_id, slug) VALUES ($1, $2, $3)
       ON CONFLICT DO NOTHING RETURNING id, tenant_id)
     SELECT id, tenant_id AS "tenantId" FROM added
     UNION ALL SELECT id, tenant_id FROM control.clinics WHERE id = $1 OR (tenant_id = $2 AND slug = $3)`,
    [clinic.id, tenantId, clinic.slug],
  );
  const known = readRows(z.object({ id: z.guid(), tenantId: z.guid() }), 'control.clinics', rows);
  const foreign = known.find((row) => row.tenantId !== tenantId);
  const other = known.find((row) => row.id !== clinic.id);
  if (foreign) {
    throw new RingfenceError('conflict', `clinic id ${foreign.id} belongs to another tenant`, {
      fix: `remove the id of clinic ${clinic.slug} from the manifest: Ringfence then makes one`,
    });
  }
  if (other) {
    throw new RingfenceError(
      'conflict',
      `clinic ${clinic.slug} has the id ${other.id}, its manifest says ${clinic.id}`,
      {
        fix: `set id: ${other.id}, or remove the id from the manifest`,
      },
    );
  }
};

/** It is what its deployment says, and lets its people in. */
export const recordDeployed = async (
  control: Pick<pg.Pool, 'query'>,
  tenantId: string,
  { security, sla }: Pick<Tenant, 'security' | 'sla'>,
): Promise<void> =>
  enterState(control, tenantId, 'active', {
    set: `security = $4, maintenance_window = $5, deployed_at = now(),
          was_suspended = false, final_backup = NULL, removed_at = NULL`,
    values: [security, sla.maintenanceWindow],
  });

/** What a removal that was begun before found out stays. */
export const recordRemoving = (control: pg.Pool, tenantId: string): Promise<void> =>
  enterState(control, tenantId, 'removing', {
    set: `was_suspended = CASE state WHEN 'removing' THEN was_suspended ELSE state = 'suspended' END`,
  });

export const recordFinalBackup = async (
  control: pg.Pool,
  tenantId: string,
  backupId: string | null,
): Promise<void> => {
  await control.query('UPDATE control.tenants SET final_backup = $2 WHERE id = $1', [tenantId, backupId]);
};

export const recordRemoved = (control: Pick<pg.Pool, 'query'>, tenantId: string): Promise<void> =>
  enterState(control, tenantId, 'removed', { set: 'removed_at = now()' });

/** Forgets the tenant, its placements, its clinics, its schedule and the noted ends of its audit chain. Idempotent. */
export const forgetTenant = async (client: pg.PoolClient, tenantId: string): Promise<void> => {
  for (const table of ['audit_anchors', 'backup_schedules', 'clinics'])
    await client.query(`DELETE FROM control.${table} WHERE tenant_id = $1`, [tenantId]);
  await client.query('DELETE FROM control.tenants WHERE id = $1', [tenantId]);
};
