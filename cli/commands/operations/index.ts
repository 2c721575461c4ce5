import type { Group } from '../../command/define-command.js';
import { operationsAbort } from './abort.js';
import { operationsList } from './list.js';
import { operationsResume } from './resume.js';
import { operationsRollback } from './rollback.js';
import { operationsShow } from './show.js';

export const operations: Group = {
  name: 'operations',
  description: 'what was done to tenants, and what was broken off',
  commands: [operationsList, operationsShow, operationsResume, operationsAbort, operationsRollback],
};
