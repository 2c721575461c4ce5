import { z } from 'zod';

export const statePermissionsView = z.strictObject({
  place: z.string(),
  region: z.string(),
  key: z.string().describe('its ARN'),
  policy: z
    .strictObject({ Version: z.literal('2012-10-17'), Statement: z.array(z.record(z.string(), z.unknown())) })
    .describe('as IAM takes it'),
});
