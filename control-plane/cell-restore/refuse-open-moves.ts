import { RingfenceError } from '../../core/errors.js';
import { listOpenMoves } from '../moves/store.js';
import type { Runtime } from '../runtime.js';
import { findTenantById } from '../tenants/store.js';

/**
 * A cell that works is not taken back while it is an end of a move: the streams would begin again in the middle.
 * @throws RingfenceError `conflict`, with the way to end the move.
 */
export const refuseOpenMoves = async ({ control }: Runtime, cell: string): Promise<void> => {
  const move = (await listOpenMoves(control)).find(
    ({ source, destination }) => source === cell || destination === cell,
  );
  if (!move) return;
  const slug = (await findTenantById(control, move.tenantId))?.slug ?? move.tenantId;
  const isKept = move.state === 'window';
  throw new RingfenceError(
    'conflict',
    `tenant ${slug} has moved from cell ${move.source} to ${move.destination}, and the move is not over (${move.state})`,
    {
      fix: isKept
        ? `end it first: \`ringfence placements withdraw ${slug} ${move.source}\`, or \`ringfence operations rollback ${move.id}\``
        : `end it first: \`ringfence operations resume ${move.id}\`, or \`ringfence operations abort ${move.id}\``,
    },
  );
};
