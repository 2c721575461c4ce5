import { isIP } from 'node:net';
import { z } from 'zod';
import { line, section, wholeNumber } from './primitives.js';

const isNetwork = (text: string): boolean => {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)];
  if (bits === undefined || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
};

/** What the tenant asks of the people who sign in, beyond a valid token. */
export const security = section({
  mfaRequired: z
    .boolean()
    .default(false)
    .describe('Whether the token must say that a second factor was used.'),
  sessionMinutes: wholeNumber(5, 10_080)
    .nullable()
    .default(null)
    .describe('Longest time since the user signed in; null for no limit but that of the token.'),
  allowedNetworks: z
    .array(
      z
        .string()
        .refine(
          isNetwork,
          'is not a network; allowed: an address or a network such as 192.0.2.0/24 or 2001:db8::/32',
        ),
    )
    .max(200)
    .default([])
    .describe('Where requests may come from; empty for anywhere.'),
}).prefault({});

/** A database login of the tenant's own. What it costs its neighbours in a shared cell: docs/isolation-testing.md. */
export const sqlLogin = section({
  reason: line()
    .min(10, 'is too short; allowed: at least 10 characters')
    .describe('Why the tenant needs it.'),
})
  .nullable()
  .default(null)
  .describe(
    'A login of its own for SQL. Its sessions may lock whole tables, run as long as they like, and need no access library; without it, none.',
  );
