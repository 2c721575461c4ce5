import { z } from 'zod';
import { type ErrorCode, EXIT_STATUS, RingfenceError } from '../core/errors.js';

// A view describes the output of a use case, for the CLI with --json and for any other client. Its input is the return
// value of the use case; its output is what is printed. A stored record is a `z.object`, which shows only the columns that
// it names. A value that is made for showing is a `z.strictObject`, so that an undocumented key fails.

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

/** The last line that a failed command prints on standard output. */
export const errorView = z.strictObject({
  error: failureShown.extend({
    correlationId: z.guid().optional().describe('finds what the command had recorded until then'),
  }),
});

/** `--version --json` */
export const versionView = z.strictObject({
  version: z.string(),
  schemaVersion: z
    .int()
    .describe('of all that --json prints: raised where a key goes or means something else'),
});

/** What the engine does, or would do, with the resources of a stack. */
export const changesView = z.array(
  z.strictObject({
    action: z.enum(['create', 'update', 'delete', 'replace', 'same', 'refresh', 'read']),
    name: z.string(),
    type: z.string(),
    changed: z.array(z.string()).describe('inputs that differ'),
  }),
);
