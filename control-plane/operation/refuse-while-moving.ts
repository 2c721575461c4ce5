import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { readRows } from '../project/read-rows.js';
import type { OperationKind } from './kinds.js';

const openMoveSchema = z.object({ id: z.guid(), slug: z.string(), source: z.string(), state: z.string() });

/** Kinds that may go on while the rows of a move are kept at its source. */
const IN_WINDOW: readonly OperationKind[] = [
  'apply',
  'restore',
  'import',
  'withdraw-placement',
  'request-erasure',
  'rollback-move',
  'move',
];
const OF_MOVES: readonly OperationKind[] = ['move', 'rollback-move'];

type OpenMove = z.infer<typeof openMoveSchema>;

const findMoveOf = async (
  control: Pick<pg.Pool, 'query'>,
  tenantId: string,
): Promise<OpenMove | undefined> => {
  const { rows } = await control.query(
    `SELECT m.id, t.slug, m.source, m.state FROM control.moves m JOIN control.tenants t ON t.id = m.tenant_id
      WHERE m.tenant_id = $1 AND m.state NOT IN ('purged', 'aborted')`,
    [tenantId],
  );
  return readRows(openMoveSchema, 'control.moves', rows)[0];
};

const isBeingMoved = ({ id, slug, state }: OpenMove): RingfenceError =>
  new RingfenceError(
    'conflict',
    `tenant ${slug} is being moved to another cell (operation ${id}, ${state})`,
    {
      fix: `go on with it, \`ringfence operations resume ${id}\`, or give it up, \`ringfence operations abort ${id}\``,
    },
  );

/**
 * A tenant that is between two cells takes no other change of its rows, keys or resources.
 * @throws RingfenceError `conflict`, naming the move and how it ends.
 */
export const refuseWhileMoving = async (
  control: Pick<pg.Pool, 'query'>,
  tenantId: string,
  kind: OperationKind,
): Promise<void> => {
  if (OF_MOVES.includes(kind)) return;
  const move = await findMoveOf(control, tenantId);
  if (!move) return;
  const { id, slug, source, state } = move;
  if (state !== 'window' && state !== 'purging') throw isBeingMoved(move);
  if (IN_WINDOW.includes(kind)) return;
  throw new RingfenceError('conflict', `tenant ${slug} has moved, and its rows are kept in cell ${source}`, {
    fix: `end that first: \`ringfence placements withdraw ${slug} ${source}\`, or \`ringfence operations rollback ${id}\``,
  });
};

/** The fence may be shut, at both ends: nothing can be written, not even into the audit log. */
export const SHUT = ['fenced', 'flipped', 'aborting'];

/**
 * What is one step, and works in the tenant's cell, is refused only while a move that was broken off may hold the fence shut. A move
 * that goes on holds the tenant's lock.
 * @throws RingfenceError `conflict`, naming the move and how it ends.
 */
export const refuseWhileFenced = async (control: Pick<pg.Pool, 'query'>, tenantId: string): Promise<void> => {
  const move = await findMoveOf(control, tenantId);
  if (move && SHUT.includes(move.state)) throw isBeingMoved(move);
};
