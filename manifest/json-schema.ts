import { z } from 'zod';
import { tenantSchema } from './tenant.js';

/** The JSON Schema (draft 2020-12) of a manifest as an editor needs it: defaults may be left out. */
export const manifestJsonSchema = (): Record<string, unknown> => ({
  title: 'Ringfence tenant manifest',
  ...z.toJSONSchema(tenantSchema, { io: 'input' }),
});
