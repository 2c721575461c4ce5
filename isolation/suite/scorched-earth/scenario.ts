import type { Scenario } from '../case.js';
import { refusedStatement } from '../statement.js';
import { DEFINITIONS, SESSION } from './definitions.js';
import { LOCKS } from './locks.js';
import { LOGIN } from './login.js';
import { BOOKS, LATE_ENTRIES } from './writes.js';

export const SCORCHED_EARTH: Scenario = {
  name: 'scorched-earth',
  title: 'Scorched Earth',
  about:
    'Nothing is read, but everybody is harmed for good: policies and grants taken away, the shared login spoiled, tables locked, disk and quotas filled at the cost of others.',
  cases: () => [
    ...[...DEFINITIONS, ...SESSION].map((statement) => refusedStatement('scorched-earth', statement)),
    ...LOGIN,
    ...LOCKS,
    ...LATE_ENTRIES,
    ...BOOKS,
  ],
};
