import { z } from 'zod';
import { moment } from '../view.js';

export const retiredKeysView = z.array(
  z.strictObject({
    version: z.int(),
    state: z.enum(['destroyed', 'needed', 'waiting']),
    rows: z.int().describe('whose fields are sealed under it or an older one'),
    backups: z.int().describe('that need it'),
    waitsUntil: moment.nullable(),
    destroyedAt: moment.nullable(),
  }),
);

export const customerKeysView = z.array(
  z.strictObject({
    slug: z.string(),
    customerKey: z.string().describe('the ARN of the key that the customer holds'),
    state: z.enum(['open', 'closed', 'unknown']),
    closedAt: moment.nullable().describe('since when it is noticed as closed'),
    problem: z.string().nullable(),
    hasChanged: z.boolean().describe('since somebody last looked; it is in the audit chain now'),
  }),
);

export const keyRotationView = z.strictObject({
  slug: z.string(),
  tenantId: z.guid(),
  keyVersion: z.int(),
  resumed: z.boolean().describe('it finished what an earlier run had begun'),
  seconds: z.number(),
  rows: z.int(),
  refused: z.int().describe('rows that open with no version of the key'),
  tables: z.array(z.strictObject({ table: z.string(), rows: z.int(), refused: z.int() })),
});
