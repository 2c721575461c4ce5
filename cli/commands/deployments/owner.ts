import type { DeploymentOwner } from '../../../control-plane/deployments/list-deployments.js';
import { RingfenceError } from '../../../core/errors.js';

export const CELL_OPTION = { value: '<cell>', description: 'of a cell instead of a tenant' } as const;

/** The tenant, or the cell, that a command names. @throws RingfenceError `usage` for none or both. */
export const ownerOf = (tenant: string | undefined, cell: string | undefined): DeploymentOwner => {
  if (tenant !== undefined && cell === undefined) return { tenant };
  if (cell !== undefined && tenant === undefined) return { cell };
  throw new RingfenceError('usage', 'name one tenant, or give --cell <cell>');
};
