import type pg from 'pg';
import { asToolkit, type Caller } from '../../core/caller.js';
import { RingfenceError } from '../../core/errors.js';
import { storedArchive } from '../../data-plane/backup/archive/in-store.js';
import { readArchiveHeader } from '../../data-plane/backup/archive/reader.js';
import { openTenantArchive, summariseBackup } from '../../data-plane/backup/tenant/verify.js';
import { inPooledTransaction } from '../../data-plane/database/connect.js';
import { usingKey } from '../../data-plane/keys/using-keys.js';
import type { Runtime } from '../runtime.js';
import { recordPlacement } from '../tenants/placements.js';
import { readDescription, type TenantDescription } from '../tenants/tenant-description.js';
import type { FoundArchive } from './found-archives.js';

/** An opened archive with its description of the tenant. */
export interface OpenedArchive extends FoundArchive {
  readonly createdAt: Date;
  readonly keyVersion: number;
  readonly digest: string;
  readonly rows: number;
  readonly bases: readonly string[];
  readonly about: TenantDescription | undefined;
}

/** Opens an archive that the catalogue does not know; all of it is read and checked. @throws RingfenceError as `openArchive`. */
export const openFound = async (
  { target }: Pick<Runtime, 'target'>,
  found: FoundArchive,
): Promise<OpenedArchive> => {
  const store = target.objects.at(found.place, found.cell);
  const { keyVersion, createdAt } = await readArchiveHeader(storedArchive(store, found.objectKey));
  return usingKey(target.tenantKeys.load(found.tenantId, keyVersion), async (key) => {
    const archive = await openTenantArchive({ ...found, store, key });
    const { bases, about } = archive.manifest;
    return {
      ...found,
      ...summariseBackup(archive),
      createdAt: new Date(createdAt),
      keyVersion,
      bases: bases ?? [],
      about: readDescription(about),
    };
  });
};

/** Records a backup that lies in the store. It counts as verified, because all of it was read and each digest compared. */
export const recordFound = async (control: pg.Pool, archive: OpenedArchive): Promise<void> => {
  await control.query(
    `WITH known AS (
       INSERT INTO control.backups (id, tenant_id, cell, key_version, place, object_key, state, rows, size_bytes, digest,
                                    started_at, finished_at, verified_at)
       VALUES ($1, $2, $3, $4, $5, $6, 'verified', $7, $8, $9, $10, $10, now())
       ON CONFLICT (id) DO UPDATE SET state = 'verified', verified_at = now() WHERE backups.state = 'failed' RETURNING id)
     INSERT INTO control.backup_bases SELECT id, unnest($11::uuid[]) FROM known ON CONFLICT DO NOTHING`,
    [
      archive.backupId,
      archive.tenantId,
      archive.cell,
      archive.keyVersion,
      archive.place,
      archive.objectKey,
      archive.rows,
      archive.storedBytes,
      archive.digest,
      archive.createdAt,
      archive.bases,
    ],
  );
};

/** Registers a cell as an archive describes it. A known one stays as it is. */
export const registerCell = async (
  control: Pick<pg.Pool, 'query'>,
  cell: TenantDescription['cell'],
  rootKeyId: string,
): Promise<void> => {
  await control.query(
    `INSERT INTO control.cells (name, tier, region, target, address, root_key_id) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (name) DO NOTHING`,
    [cell.name, cell.tier, cell.region, cell.target, cell.address, rootKeyId],
  );
};

/**
 * Registers a tenant, its clinics and its cell as its newest archive describes them. A known cell stays as it is.
 * @param newest that archive, the root key of the cell, and the command that found it.
 * @throws RingfenceError `conflict` where another tenant has its slug.
 */
export const registerDescribed = async (
  control: pg.Pool,
  tenantId: string,
  about: TenantDescription,
  newest: {
    readonly rootKeyId: string;
    readonly createdAt: Date;
    readonly backupId: string;
    readonly caller: Caller;
  },
): Promise<void> => {
  const { cell, slug } = about;
  const { rootKeyId, createdAt } = newest;
  const { who, door, correlationId } = asToolkit(newest.caller);
  // A removal takes its last backup in this state.
  const isRemoved = about.state === 'removing';
  await inPooledTransaction(control, async (client) => {
    await registerCell(client, cell, rootKeyId);
    const { rowCount } = await client.query(
      `INSERT INTO control.tenants (id, slug, cell, tier, state, legal_name, plan, deployed_at,
                                    was_suspended, final_backup, removed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
      [
        tenantId,
        slug,
        cell.name,
        about.tier,
        isRemoved ? 'removed' : about.state === 'suspended' ? 'suspended' : 'active',
        about.legalName,
        about.plan,
        createdAt,
        isRemoved && about.wasSuspended,
        isRemoved ? newest.backupId : null,
        isRemoved ? createdAt : null,
      ],
    );
    if (rowCount === 0)
      throw new RingfenceError('conflict', `another tenant has the slug ${slug} of tenant ${tenantId}`);
    await recordPlacement(client, tenantId, cell.name, 'home');
    await client.query(
      `INSERT INTO control.deployments (tenant_id, number, inputs, who, door, correlation_id, outcome, started_at, applied_at,
                                        ended_at)
       VALUES ($1, 1, $2, $3, $4, $5, 'adopted', $6, $6, $6)`,
      [tenantId, about.manifest ?? {}, who, door, correlationId, createdAt],
    );
    for (const [clinic, id] of Object.entries(about.clinics))
      await client.query('INSERT INTO control.clinics (id, tenant_id, slug) VALUES ($1, $2, $3)', [
        id,
        tenantId,
        clinic,
      ]);
  });
};
