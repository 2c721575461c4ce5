import { z } from 'zod';
import { date, email, line, phone, section, slug } from '../primitives.js';

const member = section({
  id: slug.describe('Unique in the tenant; what services, fall-backs and notifications refer to.'),
  name: line(),
  role: line(100).default('professional'),
  email: email.nullable().default(null),
  phone: phone.nullable().default(null),
  visiting: z.boolean().default(false).describe('A visiting doctor.'),
  login: z.boolean().optional().describe('Whether this person signs in; false for a visiting doctor.'),
  certifications: z
    .array(
      section({
        name: line(),
        number: line(60).nullable().default(null),
        validUntil: date.nullable().default(null),
      }),
    )
    .max(50)
    .default([]),
  specialities: z.array(line(100)).max(50).default([]),
  services: z.array(slug).max(500).default([]).describe('Ids of the services that this person gives.'),
  locations: z
    .array(slug)
    .max(200)
    .default([])
    .describe('Other clinics of the tenant where this person also works.'),
  fallback: slug.nullable().default(null).describe('Who steps in: the id of another member of staff.'),
});

/** Dimension 4: who gives which service, where, and who steps in. */
export const staffRouting = section({
  staff: z.array(member).max(2_000).default([]),
  fallback: slug.nullable().default(null).describe('Who takes what nobody else does; null is the admin.'),
}).prefault({});
