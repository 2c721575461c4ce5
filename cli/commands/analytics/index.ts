import type { Group } from '../../command/define-command.js';
import { analyticsPublish } from './publish.js';

export const analytics: Group = {
  name: 'analytics',
  description: 'figures across clinics, in fixed cubes',
  commands: [analyticsPublish],
};
