import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished } from 'vitest';
import type { PartialTenant } from '../../../cli/manifests/partial-tenant.js';
import { createContext } from '../../../cli/terminal/context.js';
import type { Terminal } from '../../../cli/terminal/terminal.js';
import { askTenant } from '../../../cli/wizard/ask-tenant.js';
import type { TenantInput } from '../../../manifest/index.js';

/** What is typed when a question contains the text; a question that is not named is answered with Enter. */
export type Answer = readonly [question: string, ...keys: string[]];

export const ENTER = '\r';
export const DOWN = '\u001B[B';
export const SPACE = ' ';
export const CTRL_C = '\u0003';
/** Empties the line; after a mistake the wizard keeps what was typed. */
export const CLEAR = '\u0015';
/** Closes standard input, as a pipe does that has come to its end. */
export const END = 'end of input';

interface Session {
  readonly tenant: TenantInput;
  /** Everything that was shown, without colours and cursor movements. */
  readonly screen: string;
  readonly questions: readonly string[];
  /** Everything that was written. */
  readonly raw: string;
}

/** An empty project folder that goes with the test. */
export const temporaryRoot = (): string => {
  const root = mkdtempSync(join(tmpdir(), 'wizard-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
};

const QUESTION = /[◆▲] {2}(.*)/g;

/**
 * Runs the wizard on streams that are no terminal. Each answer is used once, for the next question that
 * contains its text; its keys are sent one after the other. Rejects as the wizard does.
 */
export const runWizard = async (
  answers: readonly Answer[] = [],
  known: PartialTenant = {},
  root = temporaryRoot(),
  env: NodeJS.ProcessEnv = {},
): Promise<Session> => {
  const input = new PassThrough();
  const pending = [...answers];
  const questions: string[] = [];
  let screen = '';
  let raw = '';
  let fresh = '';
  let timer: NodeJS.Timeout | undefined;
  const settled = (): void => {
    const question = [...fresh.matchAll(QUESTION)].at(-1)?.[1];
    if (question === undefined) return;
    fresh = '';
    questions.push(question);
    const next = pending.findIndex(([text]) => question.includes(text));
    const [, ...keys] = next < 0 ? ['', ENTER] : (pending.splice(next, 1)[0] ?? []);
    for (const key of keys) key === END ? input.end() : input.write(key);
  };
  const output = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        raw += chunk.toString();
        const text = stripVTControlCharacters(chunk.toString());
        screen += text;
        fresh += text;
        clearTimeout(timer);
        timer = setTimeout(settled, 4);
        done();
      },
    }),
    { columns: 200, rows: 60 },
  );
  const terminal: unknown = { args: [], env, cwd: root, stdin: input, stdout: output, stderr: output };
  const outcome = { status: 0, correlationId: '', document: '' };
  const context = createContext(terminal as Terminal, {}, outcome, {}, () => {
    throw new Error('nothing is submitted here');
  });
  const tenant = await askTenant(context, known);
  if (pending.length > 0) throw new Error(`never asked: ${pending.map(([text]) => text).join(', ')}`);
  return { tenant, screen, questions, raw };
};
