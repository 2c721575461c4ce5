import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { readRows } from '../project/read-rows.js';
import { listErasures } from './erasures.js';
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
  const keyed = await listKeyed(control, cell);
  if (keyed.length > 0)
    throw new RingfenceError(
      'conflict',
      `the cell’s root key opens the keys of ${keyed.length} tenants that live in other cells: ${first(keyed)}`,
      {
        fix: 'deploy them once more with `ringfence tenants apply`, which wraps their keys under the root key of their home; resume a suspended one first',
      },
    );
  const erasing = await listErasing(control, cell);
  if (erasing.length > 0)
    throw new RingfenceError(
      'conflict',
      `${erasing.length} tenants are to be erased from cell ${cell}: ${first(erasing)}`,
      { fix: 'finish it first with `ringfence tenants erase`, or take it back with --cancel' },
    );
};

const slugSchema = z.object({ slug: z.string() });

/** Slugs of tenants of other cells whose keys applications open with the cell's root key: their home was changed by an earlier version. */
const listKeyed = async (control: pg.Pool, cell: string): Promise<string[]> => {
  const { rows } = await control.query(
    `SELECT DISTINCT t.slug FROM control.cells c JOIN control.tenant_keys k ON k.root_key_id = c.root_key_id
       JOIN control.tenants t ON t.id = k.tenant_id
      WHERE c.name = $1 AND t.cell <> c.name AND k.wrapped IS NOT NULL ORDER BY t.slug`,
    [cell],
  );
  return readRows(slugSchema, 'control.tenant_keys', rows).map(({ slug }) => slug);
};

/** An erasure looks into every cell that had something of the tenant, and into no other that comes later under its name. */
const listErasing = async (control: pg.Pool, cell: string): Promise<string[]> =>
  (await listErasures(control)).flatMap(({ state, slug, cells }) =>
    ['waiting', 'running'].includes(state) && slug !== null && cells.includes(cell) ? [slug] : [],
  );

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
  return readRows(slugSchema, 'control.placements', rows).map(({ slug }) => slug);
};

const first = (slugs: readonly string[]): string => slugs.slice(0, 5).join(', ');
