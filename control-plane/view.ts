import { z } from 'zod';
import { type ErrorCode, EXIT_STATUS, RingfenceError } from '../core/errors.js';

// A view is what a use case shows: by the CLI with --json, and by whatever else will ask. Its input is what the use case returns, its
// output what is printed. What a store keeps is a `z.object`, which shows the columns that it names and no others; what is made for
// showing is a `z.strictObject`, so that a key that is not documented fails.

/** A Date, shown as ISO 8601 in UTC. */
export const moment = z
  .date()
  .transform((at) => at.toISOString())
  .pipe(z.iso.datetime());

export const errorCode = z.enum(Object.keys(EXIT_STATUS) as ErrorCode[]);

const failureShown = z.strictObject({ code: errorCode, message: z.string(), fix: z.string().optional() });

/** An error that did not end the command. */
export const failure = z
  .instanceof(RingfenceError)
  .transform(({ code, message, fix }): z.input<typeof failureShown> => ({ code, message, fix }))
  .pipe(failureShown);

/** What a command that fails prints last on standard output, as one line. */
export const errorView = z.strictObject({
  error: failureShown.extend({
    correlationId: z.uuid().optional().describe('finds what the command had recorded until then'),
  }),
});

/** `--version --json` */
export const versionView = z.strictObject({
  version: z.string(),
  schemaVersion: z
    .int()
    .describe('of all that --json prints: raised where a key goes or means something else'),
});
