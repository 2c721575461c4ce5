import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { recordCell } from '../../../control-plane/cells/store.js';
import { changeMove, findMove, type Move, recordMove, takeMove } from '../../../control-plane/moves/store.js';
import { recordPlacement } from '../../../control-plane/tenants/placements.js';
import { DEFAULT_PLACE } from '../../../targets/index.js';
import { registered } from '../registry.js';

export const recordedMove = async (control: pg.Pool, id: string): Promise<Move> => {
  const move = await findMove(control, id);
  if (!move) throw new Error('the move is not there');
  return move;
};

/** The record of a new tenant's move from cell `one` to cell `two` that stands before its flip. */
export const fencedMove = async (control: pg.Pool): Promise<Move> => {
  const id = randomUUID();
  const tenant = await registered(control, `t-${id.slice(0, 8)}`);
  await recordCell(control, { name: 'two', tier: 'shared', region: 'eu-west-1', ...DEFAULT_PLACE });
  await recordPlacement(control, tenant.id, 'two', 'arriving');
  await recordMove(control, { id, tenantId: tenant.id, source: 'one', destination: 'two', windowHours: 1 });
  await takeMove(control, id, 0);
  const move = await recordedMove(control, id);
  for (const [from, state] of [
    ['preparing', 'copying'],
    ['copying', 'following'],
    ['following', 'fenced'],
  ] as const)
    await changeMove(control, move, from, { state });
  return recordedMove(control, id);
};
