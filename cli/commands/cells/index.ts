import type { Group } from '../../command/define-command.js';
import { cellsDown } from './down.js';
import { cellsDrain } from './drain.js';
import { cellsFailover } from './failover.js';
import { cellsList } from './list.js';
import { cellsPermissions } from './permissions.js';
import { cellsReach } from './reach.js';
import { cellsRepair } from './repair.js';
import { cellsResize } from './resize.js';
import { cellsRestore } from './restore.js';
import { cellsRotateContextKey } from './rotate-context-key.js';
import { cellsRotateCredentials } from './rotate-credentials.js';
import { cellsStatus } from './status.js';
import { cellsUp } from './up.js';

export const cells: Group = {
  name: 'cells',
  description: 'the Postgres servers that tenants live in',
  commands: [
    cellsUp,
    cellsList,
    cellsStatus,
    cellsResize,
    cellsReach,
    cellsRepair,
    cellsRestore,
    cellsFailover,
    cellsRotateContextKey,
    cellsRotateCredentials,
    cellsPermissions,
    cellsDown,
    cellsDrain,
  ],
};
