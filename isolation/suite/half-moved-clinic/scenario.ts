import type { Scenario } from '../case.js';
import { CLOSED_PLACEMENTS } from './closed-placements.js';
import { ENROLMENTS } from './enrolments.js';
import { FENCES } from './fences.js';
import { SAVEPOINTS } from './savepoints.js';

export const HALF_MOVED_CLINIC: Scenario = {
  name: 'half-moved-clinic',
  title: 'Half-Moved Clinic',
  about:
    'What changes where a clinic lives is killed at every step, repeated, and run twice at once; and the fence of a move is tried at each of its states by the tenant, by its neighbour, by whoever was in before, and by a run that was taken over.',
  cases: () => [...ENROLMENTS, ...CLOSED_PLACEMENTS, ...FENCES, ...SAVEPOINTS],
};
