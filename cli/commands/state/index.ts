import type { Group } from '../../command/define-command.js';
import { stateMoveCommand } from './move.js';
import { statePermissionsCommand } from './permissions.js';

export const state: Group = {
  name: 'state',
  description: "the engine's state of the project's stacks",
  commands: [stateMoveCommand, statePermissionsCommand],
};
