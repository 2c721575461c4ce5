import type pg from 'pg';
import { hashTenant, type LoadedManifest, parseTenant } from '../../manifest/index.js';
import { findTenant } from '../tenants/store.js';
import { lastApplied } from './store.js';

/**
 * The manifest that a tenant was last deployed with; undefined where the control database keeps none.
 * @throws RingfenceError `manifest_invalid` for one that this release does not take any more.
 */
export const deployedManifest = async (
  control: pg.Pool,
  slug: string,
): Promise<LoadedManifest | undefined> => {
  const registered = await findTenant(control, slug);
  const deployment = registered && (await lastApplied(control, { tenantId: registered.id }));
  if (!deployment || Object.keys(deployment.inputs).length === 0) return undefined;
  const tenant = parseTenant(deployment.inputs);
  return { path: `${slug} as it was deployed`, tenant, hash: hashTenant(tenant) };
};
