import type { Scenario } from '../case.js';
import { familyCases } from '../family.js';
import { refusedStatement } from '../statement.js';
import { ERRORS } from './errors.js';
import { foreignKeyCases } from './foreign-keys.js';
import { ROW_ORACLES } from './rows.js';
import { SAME_VALUES } from './same-values.js';
import { NEIGHBOUR, OPEN, TIMINGS, VIEWS, VOLUMES } from './views.js';

export const WHISPER: Scenario = {
  name: 'whisper',
  title: 'Whisper',
  about:
    'Nothing is read, but something is learned: whether a patient exists, how many there are, what a row holds, from keys, conflicts, error texts, plans, statistics, other sessions and time.',
  cases: (stage) => [
    ...[...ROW_ORACLES, SAME_VALUES].flatMap((family) => familyCases(stage, family)),
    ...foreignKeyCases(stage),
    ...ERRORS,
    ...VIEWS.map((statement) => refusedStatement('whisper', statement)),
    ...OPEN,
    ...VOLUMES,
    ...NEIGHBOUR,
    ...TIMINGS,
  ],
};
