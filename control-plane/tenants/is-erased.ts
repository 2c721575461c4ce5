import type pg from 'pg';
import { findDoneErasure } from './erasures.js';
import { findTenant } from './store.js';

/** Says whether the last tenant of this slug was erased and no other has taken the slug since. */
export const isErased = async (control: pg.Pool, slug: string): Promise<boolean> =>
  !(await findTenant(control, slug)) && (await findDoneErasure(control, slug)) !== undefined;
