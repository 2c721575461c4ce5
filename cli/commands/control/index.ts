import type { Group } from '../../command/define-command.js';
import { controlBackup } from './backup.js';
import { controlReconcile } from './reconcile.js';
import { controlRehearse } from './rehearse.js';
import { controlRestore } from './restore.js';
import { controlStatusCommand } from './status.js';

export const control: Group = {
  name: 'control',
  description: 'the control database: which cells and tenants there are, and their wrapped keys',
  commands: [controlBackup, controlStatusCommand, controlRehearse, controlReconcile, controlRestore],
};
