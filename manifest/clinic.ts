import { z } from 'zod';
import { brandVoice } from './dimensions/brand-voice.js';
import { branding } from './dimensions/branding.js';
import { compliance, VERTICALS } from './dimensions/compliance.js';
import { hours } from './dimensions/hours.js';
import { knowledgeBase } from './dimensions/knowledge-base.js';
import { notifications } from './dimensions/notifications.js';
import { services } from './dimensions/services.js';
import { staffRouting } from './dimensions/staff-routing.js';
import { line, section, slug, uuid } from './primitives.js';

/** A branch of the tenant: the row-level boundary, with its eight dimensions of configuration. */
export const clinic = section({
  slug: slug.describe('Unique in the tenant.'),
  id: uuid.optional().describe('Derived from both slugs when left out; pin it before you rename one.'),
  name: line(),
  city: line(100).nullable().default(null),
  vertical: z.enum(VERTICALS).describe('What the clinic practises.'),
  brandVoice,
  services,
  hours,
  staffRouting,
  knowledgeBase,
  compliance,
  branding,
  notifications,
});

/** A clinic as checked, before the defaults that depend on other values. */
export type CheckedClinic = z.output<typeof clinic>;
