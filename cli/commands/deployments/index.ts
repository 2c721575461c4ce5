import type { Group } from '../../command/define-command.js';
import { deploymentsDiff } from './diff.js';
import { deploymentsList } from './list.js';
import { deploymentsRollback } from './rollback.js';
import { deploymentsShow } from './show.js';

export const deployments: Group = {
  name: 'deployments',
  description: 'what tenants and cells were deployed as, by whom and why',
  commands: [deploymentsList, deploymentsShow, deploymentsDiff, deploymentsRollback],
};
