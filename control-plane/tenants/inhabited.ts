import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { readRows } from '../project/read-rows.js';
import { inhabitedCells } from './placements.js';
import { listRemovedTenants, listTenants, type RegisteredTenant } from './store.js';

/**
 * Refuses to let a cell go that a tenant needs.
 * @throws RingfenceError `conflict` while tenants have something in it, or backups of tenants that were removed or left
 * need its root key.
 */
export const refuseInhabited = async (control: pg.Pool, cell: string): Promise<void> => {
  const slugsIn = (tenants: readonly RegisteredTenant[]): string[] =>
    tenants.filter((tenant) => inhabitedCells(tenant).includes(cell)).map(({ slug }) => slug);
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
  const left = await listLeft(control, cell);
  if (left.length > 0)
    throw new RingfenceError(
      'conflict',
      `the cell’s root key opens backups of ${left.length} tenants that live in other cells by now: ${first(left)}`,
      { fix: 'keep the cell until their retention has ended: see `ringfence backups list`' },
    );
};

/** Slugs of tenants that have left the cell and have backups there. */
const listLeft = async (control: pg.Pool, cell: string): Promise<string[]> => {
  const { rows } = await control.query(
    `SELECT t.slug FROM control.placements p JOIN control.tenants t ON t.id = p.tenant_id
      WHERE p.cell = $1 AND p.state = 'left'
        AND EXISTS (SELECT FROM control.backups b WHERE b.tenant_id = t.id AND b.cell = p.cell
                       AND b.state IN ('stored', 'verified') AND b.removed_at IS NULL)
      ORDER BY t.slug`,
    [cell],
  );
  return readRows(z.object({ slug: z.string() }), 'control.placements', rows).map(({ slug }) => slug);
};

const first = (slugs: readonly string[]): string => slugs.slice(0, 5).join(', ');
