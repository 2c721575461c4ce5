import type { Group } from '../../command/define-command.js';
import { isolationCadence } from './cadence.js';
import { isolationMutants } from './mutants.js';
import { isolationRuns } from './runs.js';
import { isolationTest } from './test.js';

export const isolation: Group = {
  name: 'isolation',
  description: 'proof that tenants cannot reach each other',
  commands: [isolationTest, isolationMutants, isolationCadence, isolationRuns],
};
