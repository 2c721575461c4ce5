import { declare, type Scenario } from '../program.js';

export const scenario: Scenario = {
  program: () => {
    declare('ringfence:index:CellDatabase', 'older', { schemaHash: 'of another', differences: [] });
    declare('ringfence:index:CellDatabase', 'changed', {
      schemaHash: 'of this release',
      differences: ['policy of clinical.patients is gone'],
    });
  },
  violations: [
    'older: has the schema of another release',
    'changed: differs from its release in 1 places: policy of clinical.patients is gone',
  ],
};
