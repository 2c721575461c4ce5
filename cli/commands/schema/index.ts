import type { Group } from '../../command/define-command.js';
import { schemaLint } from './lint.js';

export const schema: Group = {
  name: 'schema',
  description: 'the tables of a cell',
  commands: [schemaLint],
};
