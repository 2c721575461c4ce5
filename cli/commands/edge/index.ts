import type { Group } from '../../command/define-command.js';
import { edgeConfig } from './config.js';
import { edgeDeploy } from './deploy.js';
import { edgeDev } from './dev.js';
import { edgeDown } from './down.js';

export const edge: Group = {
  name: 'edge',
  description: 'what stands in front of the cells: quotas, hosts, origins',
  commands: [edgeConfig, edgeDeploy, edgeDown, edgeDev],
};
