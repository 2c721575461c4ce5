import type { Group } from '../../command/define-command.js';
import { subscriptionsSet } from './set.js';
import { subscriptionsShow } from './show.js';

export const subscriptions: Group = {
  name: 'subscriptions',
  description: 'what each clinic may do until when',
  commands: [subscriptionsShow, subscriptionsSet],
};
