import type { Scenario } from '../case.js';
import { refusedStatement } from '../statement.js';
import { INTERLEAVED } from './interleaved.js';
import { PLANS } from './plans.js';
import { CARRIED, POOL } from './pool.js';
import { PARKED, SESSION, WORKERS } from './session.js';

export const CROSSED_WIRES: Scenario = {
  name: 'crossed-wires',
  title: 'Crossed Wires',
  about:
    'Tenants share pooled connections. Whatever one leaves behind (a context, a cursor, a plan, a setting, an aborted or cancelled transaction) is looked for by the next one.',
  cases: () => [
    ...POOL,
    ...CARRIED,
    ...SESSION.map((statement) => refusedStatement('crossed-wires', statement)),
    ...PLANS,
    PARKED,
    ...WORKERS,
    ...INTERLEAVED,
  ],
};
