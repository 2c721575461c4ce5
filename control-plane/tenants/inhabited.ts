import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { listRemovedTenants, listTenants } from './store.js';

/**
 * Lets no cell go that a registered tenant needs.
 * @throws RingfenceError `conflict` while tenants live in it, or backups of removed ones need its root key.
 */
export const refuseInhabited = async (control: pg.Pool, cell: string): Promise<void> => {
  const slugsIn = (tenants: readonly { readonly slug: string; readonly cell: string }[]): string[] =>
    tenants.filter((tenant) => tenant.cell === cell).map(({ slug }) => slug);
  const tenants = slugsIn(await listTenants(control));
  if (tenants.length > 0) {
    throw new RingfenceError(
      'conflict',
      `${tenants.length} tenants live in cell ${cell}: ${first(tenants)}`,
      {
        fix: 'remove them first with `ringfence tenants remove`',
      },
    );
  }
  const removed = slugsIn(await listRemovedTenants(control));
  if (removed.length > 0) {
    throw new RingfenceError(
      'conflict',
      `the cell’s root key opens the backups of ${removed.length} tenants that were removed: ${first(removed)}`,
      { fix: 'erase them first with `ringfence tenants erase`, or keep the cell' },
    );
  }
};

const first = (slugs: readonly string[]): string => slugs.slice(0, 5).join(', ');
