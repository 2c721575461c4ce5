import type { PlacementInCell } from '../../control-plane/placements/list-placements.js';
import { table } from './table.js';

export const placementTable = (placements: readonly PlacementInCell[]): string =>
  table(
    ['cell', 'state', 'epoch', 'tier', 'region'],
    placements.map(({ cell, state, epoch, tier, region }) => [cell, state, String(epoch), tier, region]),
  );
