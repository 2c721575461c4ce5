import type pg from 'pg';
import { hashTenant, type LoadedManifest, parseTenant } from '../../manifest/index.js';

/**
 * The manifest that a tenant was last deployed with, as the control database keeps it; undefined where it keeps none.
 * @throws RingfenceError `manifest_invalid` for one that this release does not take any more.
 */
export const deployedManifest = async (
  control: pg.Pool,
  slug: string,
): Promise<LoadedManifest | undefined> => {
  const { rows } = await control.query<{ manifest: unknown }>(
    'SELECT manifest FROM control.tenants WHERE slug = $1 AND manifest IS NOT NULL',
    [slug],
  );
  if (!rows[0]) return undefined;
  const tenant = parseTenant(rows[0].manifest);
  return { path: `${slug} as it was deployed`, tenant, hash: hashTenant(tenant) };
};
