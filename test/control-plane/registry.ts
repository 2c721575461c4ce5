import type pg from 'pg';
import { recordCell } from '../../control-plane/cells/store.js';
import { type RegisteredTenant, registerTenant } from '../../control-plane/tenants/store.js';
import { parseTenant, type TenantInput } from '../../manifest/index.js';
import { DEFAULT_PLACE } from '../../targets/index.js';
import { smallTenant } from '../support/cli.js';

const REGION = 'eu-central-1';

/** Records a shared cell of this machine, and a tenant in it that was not deployed yet. */
export const registered = async (
  control: pg.Pool,
  slug: string,
  more: { readonly cell?: string; readonly manifest?: Partial<TenantInput> } = {},
): Promise<RegisteredTenant> => {
  const { cell = 'one', manifest = {} } = more;
  await recordCell(control, { name: cell, tier: 'shared', region: REGION, ...DEFAULT_PLACE });
  return registerTenant(control, parseTenant(smallTenant(slug, manifest)), cell);
};
