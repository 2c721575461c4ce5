import type { Scenario } from '../case.js';
import { CLOSED_PLACEMENTS } from './closed-placements.js';
import { ENROLMENTS } from './enrolments.js';

export const HALF_MOVED_CLINIC: Scenario = {
  name: 'half-moved-clinic',
  title: 'Half-Moved Clinic',
  about:
    'What changes where a clinic lives is killed at every step, repeated, and run twice at once. Moving a tenant between cells is not part of the product yet: enrolment and withdrawal are what a move is made of.',
  cases: () => [...ENROLMENTS, ...CLOSED_PLACEMENTS],
};
