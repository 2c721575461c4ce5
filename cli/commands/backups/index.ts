import type { Group } from '../../command/define-command.js';
import { backupsBase } from './base.js';
import { backupsDropScratch } from './drop-scratch.js';
import { backupsForget } from './forget.js';
import { backupsList } from './list.js';
import { backupsPrune } from './prune.js';
import { backupsRehearse } from './rehearse.js';
import { backupsRestore } from './restore.js';
import { backupsRun } from './run.js';
import { backupsStatus } from './status.js';
import { backupsVerify } from './verify.js';

export const backups: Group = {
  name: 'backups',
  description: 'backups of a tenant, verified by restoring them',
  commands: [
    backupsRun,
    backupsList,
    backupsVerify,
    backupsRehearse,
    backupsRestore,
    backupsDropScratch,
    backupsBase,
    backupsStatus,
    backupsPrune,
    backupsForget,
  ],
};
