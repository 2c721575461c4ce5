import type { z } from 'zod';
import type { errorView } from '../../control-plane/view.js';
import { RingfenceError } from '../../core/errors.js';
import type { Terminal } from '../terminal/terminal.js';
import { paint } from './table.js';

interface ErrorPrinting {
  readonly terminal: Terminal;
  readonly json: boolean;
  /** The correlation id of the failed command; its effects are recorded under it. */
  readonly correlationId?: string;
}

/** Prints the failure and its fix: for people on standard error, with --json also for programs. */
export const printError = (error: unknown, { terminal, json, correlationId }: ErrorPrinting): void => {
  const colors = paint(terminal);
  const known = error instanceof RingfenceError ? error : undefined;
  // A foreign error may quote statements or rows, so its text is shown only on request.
  const message =
    known?.message ?? `unexpected failure (${error instanceof Error ? error.name : typeof error})`;
  terminal.stderr.write(
    `${colors.red('error')} ${colors.dim(`[${known?.code ?? 'internal'}]`)} ${message}\n`,
  );
  if (known?.fix) terminal.stderr.write(`  ${colors.bold('fix:')} ${known.fix}\n`);
  if (terminal.env.RINGFENCE_DEBUG) terminal.stderr.write(`${describeCauses(error)}\n`);
  if (json)
    printErrorLine(terminal, {
      code: known?.code ?? 'internal',
      message,
      ...(known?.fix ? { fix: known.fix } : {}),
      ...(correlationId ? { correlationId } : {}),
    });
};

/** Prints the failure for programs. */
export const printErrorLine = (terminal: Terminal, error: z.infer<typeof errorView>['error']): void => {
  terminal.stdout.write(`${JSON.stringify({ error } satisfies z.infer<typeof errorView>)}\n`);
};

const describeCauses = (error: unknown): string => {
  const lines: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause)
    lines.push(current.stack ?? current.message);
  return lines.join('\ncaused by: ');
};
