import type { Group } from '../../command/define-command.js';
import { holdsAdd } from './add.js';
import { holdsList } from './list.js';
import { holdsRelease } from './release.js';

export const holds: Group = {
  name: 'holds',
  description: 'legal holds and duties to keep records: they stop an erasure',
  commands: [holdsAdd, holdsList, holdsRelease],
};
