import type { Group } from '../../command/define-command.js';
import { demoLoad } from './load.js';
import { demoShow } from './show.js';

export const demo: Group = {
  name: 'demo',
  description: 'sample data for the reference schema',
  commands: [demoLoad, demoShow],
};
