import type pg from 'pg';
import type { Runtime } from '../runtime.js';
import { findDoneErasure } from './erasures.js';
import { findTenant, type RegisteredTenant } from './store.js';

/** The state of a tenant; undefined for one that was never registered. */
export const stateOf = async (
  { control }: Runtime,
  slug: string,
): Promise<RegisteredTenant['state'] | undefined> => (await findTenant(control, slug))?.state;

/** Says whether the last tenant of this slug was erased and no other has taken the slug since. */
export const isErased = async (control: pg.Pool, slug: string): Promise<boolean> =>
  !(await findTenant(control, slug)) && (await findDoneErasure(control, slug)) !== undefined;
