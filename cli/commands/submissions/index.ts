import type { Group } from '../../command/define-command.js';
import { submissionsAllow } from './allow.js';
import { submissionsList } from './list.js';
import { submissionsWatch } from './watch.js';
import { submissionsWithdraw } from './withdraw.js';

export const submissions: Group = {
  name: 'submissions',
  description: 'what was given to a worker with --on-worker',
  commands: [submissionsList, submissionsWatch, submissionsWithdraw, submissionsAllow],
};
