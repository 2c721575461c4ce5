import { RingfenceError } from '../../core/errors.js';
import { getCell } from '../cells/store.js';
import type { Runtime } from '../runtime.js';
import { listTenants } from '../tenants/store.js';
import { type MoveRequest, moveTenant } from './move-tenant.js';
import { listOpenMoves, type Move } from './store.js';

/** What became of one tenant of a cell that is emptied. */
export interface Drained {
  readonly slug: string;
  /** Its home now. */
  readonly cell: string;
  /** Why it stayed. */
  readonly error?: { readonly code: string; readonly message: string };
}

export type DrainRequest = Pick<
  MoveRequest,
  'to' | 'region' | 'windowHours' | 'drainMs' | 'copyBytesPerSecond'
> & { readonly cell: string };

/**
 * Moves every tenant out of a cell, one after the other. One that cannot be moved stays and stops no other. Their rows are kept in the
 * cell until their windows end.
 * @throws RingfenceError `cell_not_found`.
 */
export const drainCell = async (
  runtime: Runtime,
  { cell, ...request }: DrainRequest,
  onTenant: (slug: string) => (step: string) => void,
): Promise<Drained[]> => {
  const { name } = await getCell(runtime.control, cell);
  const leaving = (await listOpenMoves(runtime.control)).filter(isLeaving(name));
  const tenants = (await listTenants(runtime.control)).filter(
    ({ id, cell: home }) => home === name || leaving.some(({ tenantId }) => tenantId === id),
  );
  const drained: Drained[] = [];
  for (const { slug } of tenants) {
    try {
      const { destination } = await moveTenant(runtime, { slug, ...request }, onTenant(slug));
      drained.push({ slug, cell: destination });
    } catch (error) {
      if (!(error instanceof RingfenceError)) throw error;
      drained.push({ slug, cell: name, error: { code: error.code, message: error.message } });
    }
  }
  return drained;
};

/** A run that was killed behind the flip has left the tenant closed in both cells. */
const isLeaving =
  (cell: string) =>
  ({ source, state }: Move): boolean =>
    source === cell && (state === 'flipped' || state === 'open');
