import type { Group } from '../../command/define-command.js';
import { controlBackup } from './backup.js';
import { controlDown } from './down.js';
import { controlReconcile } from './reconcile.js';
import { controlRehearse } from './rehearse.js';
import { controlRestore } from './restore.js';
import { controlStatusCommand } from './status.js';
import { controlUpCommand } from './up.js';

export const control: Group = {
  name: 'control',
  description: 'the control database: which cells and tenants there are, and their wrapped keys',
  commands: [
    controlUpCommand,
    controlBackup,
    controlStatusCommand,
    controlRehearse,
    controlReconcile,
    controlRestore,
    controlDown,
  ],
};
