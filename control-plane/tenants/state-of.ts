import type { Runtime } from '../runtime.js';
import { findTenant, type RegisteredTenant } from './store.js';

/** The state of a tenant; undefined for one that was never registered. */
export const stateOf = async (
  { control }: Runtime,
  slug: string,
): Promise<RegisteredTenant['state'] | undefined> => (await findTenant(control, slug))?.state;
