import type { Runtime } from '../runtime.js';
import { type Erasure, listErasures } from '../tenants/erasures.js';

export type ListedErasure = Omit<Erasure, 'certificate' | 'inventory'>;

/** Every erasure that was asked for, newest first, without what its certificate says. */
export const listAskedErasures = async ({ control }: Runtime): Promise<ListedErasure[]> =>
  (await listErasures(control)).map(({ certificate: _, inventory: __, ...erasure }) => erasure);
