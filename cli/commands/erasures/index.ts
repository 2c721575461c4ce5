import type { Group } from '../../command/define-command.js';
import { erasuresList } from './list.js';
import { erasuresPublicKey } from './public-key.js';
import { erasuresVerify } from './verify.js';

export const erasures: Group = {
  name: 'erasures',
  description: 'what was asked to be erased, and its certificates',
  commands: [erasuresList, erasuresVerify, erasuresPublicKey],
};
