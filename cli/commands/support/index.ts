import type { Group } from '../../command/define-command.js';
import { supportGrant } from './grant.js';
import { supportList } from './list.js';
import { supportRevoke } from './revoke.js';

export const support: Group = {
  name: 'support',
  description: 'access of your own support to a tenant, read-only',
  commands: [supportGrant, supportList, supportRevoke],
};
