import { declare, type Scenario } from '../program.js';

export const scenario: Scenario = {
  program: () => {
    declare('ringfence:index:CellDatabase', 'schema', { schemaHash: 'of this release', differences: [] });
  },
};
