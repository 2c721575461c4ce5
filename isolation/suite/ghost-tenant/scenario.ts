import type { Scenario } from '../case.js';
import { familyCases } from '../family.js';
import { refusedStatement } from '../statement.js';
import { HUNTS, REMAINS } from './hunt.js';
import { FIGURES, PEOPLE, PUBLISHED } from './people.js';

export const GHOST_TENANT: Scenario = {
  name: 'ghost-tenant',
  title: 'Ghost Tenant',
  about:
    'A tenant is erased; then it is hunted for in every table, in tokens, plans, keys and backups, and by enrolling it again. People whose assignment ended are refused at once, and figures across clinics show none of them.',
  cases: (stage) => [
    ...familyCases(stage, REMAINS),
    ...HUNTS,
    ...PEOPLE,
    ...FIGURES.map((statement) => refusedStatement('ghost-tenant', statement)),
    ...PUBLISHED,
  ],
};
