import { z } from 'zod';
import { moment } from '../view.js';
import { SUBMISSION_STATES } from './store.js';

/** A submission as it was recorded. */
export const submissionView = z.object({
  id: z.guid().describe('also the correlation id of all that it did'),
  kind: z.string().describe('the command'),
  slug: z.string().nullable().describe('its tenant; the id of one that was erased'),
  version: z.string().describe('of Ringfence where it was submitted'),
  who: z.string().describe('who says to have submitted it'),
  login: z.string().describe('the login of the control database that submitted it'),
  address: z.string().nullable().describe('from where, as the control database saw it'),
  submittedAt: moment,
  state: z.enum(SUBMISSION_STATES),
  worker: z.string().nullable().describe('the machine of the worker that took it up last'),
  isAtWork: z.boolean().describe('a worker that lives has it'),
  attempt: z.int().describe('how often a worker took it up'),
  beganAt: moment.nullable(),
  endedAt: moment.nullable(),
  exitStatus: z.int().nullable(),
  errorCode: z.string().nullable(),
});

export const submitterView = z.strictObject({
  login: z.string(),
  url: z
    .string()
    .describe('for RINGFENCE_CONTROL_URL at the other end of a tunnel; the password is to be put in'),
});
