import type { Group } from '../../command/define-command.js';
import { quotasSet } from './set.js';
import { quotasShow } from './show.js';
import { quotasUsage } from './usage.js';

export const quotas: Group = {
  name: 'quotas',
  description: 'what a tenant may use, and what it uses',
  commands: [quotasShow, quotasUsage, quotasSet],
};
