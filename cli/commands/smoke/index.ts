import type { Group } from '../../command/define-command.js';
import { smokeAws } from './aws.js';

export const smoke: Group = {
  name: 'smoke',
  description: 'try the whole life of a tenant in an account of your own',
  commands: [smokeAws],
};
