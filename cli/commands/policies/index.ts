import type { Group } from '../../command/define-command.js';
import { policiesCheck } from './check.js';
import { policiesExplain } from './explain.js';
import { policiesList } from './list.js';

export const policies: Group = {
  name: 'policies',
  description: 'the promises that every deployment keeps',
  commands: [policiesList, policiesExplain, policiesCheck],
};
