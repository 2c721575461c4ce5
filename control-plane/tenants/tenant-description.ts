import type pg from 'pg';
import { z } from 'zod';
import type { ArchiveSubject } from '../../data-plane/backup/archive/manifest.js';
import { readRows } from '../project/read-rows.js';

const schema = z.object({
  slug: z.string(),
  legalName: z.string(),
  plan: z.string(),
  state: z.string(),
  wasSuspended: z.boolean(),
  tier: z.enum(['shared', 'dedicated']),
  cell: z
    .object({
      name: z.string(),
      tier: z.enum(['shared', 'dedicated']),
      region: z.string(),
      target: z.string(),
      address: z.record(z.string(), z.unknown()).optional(),
      /** The form of an address in earlier versions. */
      rdsInstance: z.string().nullable().optional(),
    })
    .transform(({ rdsInstance, address, ...cell }) => ({
      ...cell,
      address: address ?? (rdsInstance ? { rdsInstance } : {}),
    })),
  clinics: z.record(z.string(), z.guid()),
  manifest: z.record(z.string(), z.unknown()).nullable(),
});

const aboutSchema = z.object({ about: z.record(z.string(), z.json()) });

/** What the catalogue knows of a tenant, as it goes into its archives (docs/formats.md, backup of a tenant). */
export type TenantDescription = z.infer<typeof schema>;

export const describeTenant = async (control: pg.Pool, tenantId: string): Promise<ArchiveSubject> => {
  const { rows } = await control.query(
    `SELECT json_build_object('slug', t.slug, 'legalName', t.legal_name, 'plan', t.plan, 'state', t.state, 'wasSuspended', t.was_suspended, 'tier', t.tier,
              'cell', json_build_object('name', c.name, 'tier', c.tier, 'region', c.region, 'target', c.target,
                                        'address', c.address),
              'clinics', coalesce((SELECT json_object_agg(k.slug, k.id) FROM control.clinics k WHERE k.tenant_id = t.id), '{}'),
              'manifest', (SELECT inputs FROM control.deployments d WHERE d.tenant_id = t.id AND applied_at IS NOT NULL AND inputs <> '{}'
                            ORDER BY number DESC LIMIT 1)) AS about
       FROM control.tenants t JOIN control.cells c ON c.name = t.cell WHERE t.id = $1`,
    [tenantId],
  );
  return readRows(aboutSchema, 'control.tenants', rows)[0]?.about ?? {};
};

/** Undefined for an archive that says too little of its tenant. */
export const readDescription = (about: ArchiveSubject | undefined): TenantDescription | undefined =>
  schema.safeParse(about).data;
