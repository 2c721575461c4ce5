import { z } from 'zod';
import { moment } from '../view.js';

export const auditEventsView = z.array(
  z.strictObject({
    clinic: z.string(),
    at: moment,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    detail: z.record(z.string(), z.unknown()),
  }),
);

const head = z.strictObject({ seq: z.int(), hash: z.hex() });

export const auditVerdictView = z.strictObject({
  head,
  events: z.int(),
  anchors: z.int().optional().describe('ends of the chain that were noted outside the cell; not of a file'),
  problems: z.array(
    z.strictObject({
      seq: z.int().nullable(),
      problem: z.enum(['removed', 'edited', 'gap', 'cut off', 'added', 'rewritten']),
      eventId: z.string().nullable(),
    }),
  ),
});

export const auditExportView = z.strictObject({ file: z.string(), events: z.int() });

/** A line of an export: its head, an event with its hash, or its end (docs/formats.md, "Audit chain"). */
export const auditLineView = z.union([
  z.strictObject({ format: z.literal('ringfence-audit'), version: z.literal(1), tenant: z.guid() }),
  z.strictObject({
    seq: z.int(),
    hash: z.hex(),
    event: z.string().nullable().describe('its canonical form; null for one that was removed'),
  }),
  z.strictObject({ end: head }),
]);
