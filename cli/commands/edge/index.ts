import type { Group } from '../../command/define-command.js';
import { edgeConfig } from './config.js';
import { edgeDev } from './dev.js';

export const edge: Group = {
  name: 'edge',
  description: 'what stands in front of the cells: quotas, hosts, origins',
  commands: [edgeConfig, edgeDev],
};
