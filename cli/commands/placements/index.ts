import type { Group } from '../../command/define-command.js';
import { placementsAdd } from './add.js';
import { placementsList } from './list.js';
import { placementsWithdraw } from './withdraw.js';

export const placements: Group = {
  name: 'placements',
  description: 'what of a tenant lies in which cell',
  commands: [placementsList, placementsAdd, placementsWithdraw],
};
