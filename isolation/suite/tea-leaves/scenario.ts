import type { Scenario } from '../case.js';
import { refusedStatement } from '../statement.js';
import { ESTIMATES } from './estimates.js';
import { TOTALS } from './totals.js';

export const TEA_LEAVES: Scenario = {
  name: 'tea-leaves',
  title: 'Tea Leaves',
  about:
    "What the planner and the catalogue know of all clinics: estimates that count a foreign clinic's rows exactly and find its values, totals to subtract from, names of other tenants' logins.",
  cases: () => [...ESTIMATES, ...TOTALS.map((statement) => refusedStatement('tea-leaves', statement))],
};
