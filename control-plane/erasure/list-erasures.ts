import type { Runtime } from '../runtime.js';
import { type Erasure, listErasures } from '../tenants/erasures.js';

export type ListedErasure = Omit<Erasure, 'certificate' | 'inventory'>;

/** Every requested erasure, newest first, without its certificate's content. */
export const listAskedErasures = async ({ control }: Runtime): Promise<ListedErasure[]> =>
  (await listErasures(control)).map(({ certificate: _, inventory: __, ...erasure }) => erasure);
