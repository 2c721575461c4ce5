import { z } from 'zod';
import { section, slug, wholeNumber } from '../primitives.js';

export const CHANNELS = ['email', 'slack', 'sms'] as const;

const NOTIFIED_EVENTS = [
  'appointment-booked',
  'appointment-cancelled',
  'conversation-handed-off',
  'complaint-received',
  'quota-near-limit',
  'backup-failed',
  'isolation-alert',
  'subscription-changed',
] as const;

/** The one person whom every tenant has; any other is the id of a member of staff. */
export const ADMIN = 'admin';

const rule = section({
  person: slug.describe('admin, or the id of a member of staff of this clinic.'),
  event: z.enum(NOTIFIED_EVENTS),
  channels: z.array(z.enum(CHANNELS)).min(1).max(3).default(['email']),
  escalation: section({ afterMinutes: wholeNumber(1, 10_080), to: slug })
    .nullable()
    .default(null)
    .describe('Who is told next when nobody has reacted.'),
});

/** Dimension 8: who is told what, over which channel, and who is next. */
export const notifications = section({
  channels: z.array(z.enum(CHANNELS)).max(3).default(['email']).describe('The channels that are in use.'),
  slackChannel: z
    .string()
    .regex(/^#[^\s#@.,:;A-Z]{1,79}$/, 'is not a Slack channel; allowed: one like #recepcion')
    .nullable()
    .default(null),
  rules: z
    .array(rule)
    .max(500)
    .default([
      { person: ADMIN, event: 'backup-failed', channels: ['email'], escalation: null },
      { person: ADMIN, event: 'isolation-alert', channels: ['email'], escalation: null },
    ]),
}).prefault({});
