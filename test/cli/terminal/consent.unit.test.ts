import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { confirm, confirmByName, confirmOption } from '../../../cli/terminal/consent.js';
import { type Context, createContext } from '../../../cli/terminal/context.js';
import type { Terminal } from '../../../cli/terminal/terminal.js';

const ENTER = '\r';

/** A person at a terminal who types `keys` as soon as they are asked. */
const typing = (keys: string, options: { yes?: boolean } = {}): Context => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  stderr.once('data', () => setTimeout(() => stdin.write(keys), 5));
  const terminal = { args: [], env: {}, cwd: '/', stdin, stdout: stderr, stderr };
  const outcome = { status: 0, correlationId: '', document: '' };
  return createContext(terminal as unknown as Terminal, options, outcome, {}, () => {
    throw new Error('nothing is submitted here');
  });
};

const remove = (context: Context, given?: string) =>
  confirmByName(context, 'sonrisa', 'This removes sonrisa.', confirmOption('sonrisa', given));

test('Enter alone says no to a question', async () => {
  await expect(confirm(typing(ENTER), 'Deploy sonrisa?')).rejects.toMatchObject({ code: 'cancelled' });
  await expect(confirm(typing('y'), 'Deploy sonrisa?')).resolves.toBeUndefined();
});

test('what deletes rows wants its name, typed or given; --yes is not enough', async () => {
  await expect(remove(typing(`sonrisa${ENTER}`))).resolves.toBeUndefined();
  await expect(remove(typing(''), 'sonrisa')).resolves.toBeUndefined();
  for (const keys of [ENTER, `y${ENTER}`, `aurora${ENTER}`])
    await expect(remove(typing(keys, { yes: true }))).rejects.toMatchObject({ code: 'cancelled' });
  await expect(remove(typing(''), 'aurora')).rejects.toMatchObject({ code: 'usage' });
});
