import type { Group } from '../../command/define-command.js';
import { keysCheck } from './check.js';
import { keysRetire } from './retire.js';
import { keysRotate } from './rotate.js';

export const keys: Group = {
  name: 'keys',
  description: 'the keys of a tenant',
  commands: [keysRotate, keysRetire, keysCheck],
};
