import { z } from 'zod';
import { SLUG_PATTERN } from '../../../core/ids.js';

const id = z.string().regex(/^[0-9a-f]{32}$/, 'is an id of Cloudflare: 32 hexadecimal digits');

/** What an edge is made from. It is whole: the program looks nothing up. Nothing in it is secret. */
export const edgeInputs = z.strictObject({
  edge: z.string().regex(SLUG_PATTERN),
  accountId: id,
  zoneId: id,
  /** The name of the zone. */
  zone: z.string().min(1),
  operatorHost: z.string(),
  /** The text of the entry of each host. */
  entries: z.record(z.string(), z.string()),
  /** The text of the Worker, one module. */
  script: z.string().min(1),
  /** Whether the platform has the class of the tenants' objects already. It takes the migration that makes it once. */
  hasObjects: z.boolean(),
});

export type EdgeInputs = z.infer<typeof edgeInputs>;
