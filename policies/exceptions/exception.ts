import { z } from 'zod';
import { isSlug } from '../../core/ids.js';

const words = (max: number) => z.string().trim().min(1).max(max);

const exceptionSchema = z.strictObject({
  rule: z.string(),
  /** The only tenant whose data is concerned; whoever it is, where it is left out. */
  tenant: z
    .string()
    .refine(isSlug, 'is not the slug of a tenant; allowed: 3 to 40 of a-z, 0-9 and hyphens')
    .optional(),
  /** A URN, `manifest <slug>`, or the name of an observed thing, as judgements name them. */
  resource: words(1_000),
  /** Who answers for it. */
  owner: words(200),
  reason: words(1_000).refine((text) => text.length >= 10, 'is too short; allowed: at least 10 characters'),
  /** Its last day, in UTC. */
  until: z.iso.date('is not a day; allowed: 2027-01-31'),
});

/** What `policies.yaml` holds. */
export const exceptionsSchema = z.strictObject({ exceptions: z.array(exceptionSchema).max(500).default([]) });

/** Somebody answers for a broken promise until a day. */
export type Exception = Readonly<z.output<typeof exceptionSchema>>;

/** Whether its last day is over. */
export const isExpired = ({ until }: Exception, now: Date): boolean => until < now.toISOString().slice(0, 10);
