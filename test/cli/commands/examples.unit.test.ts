import { expect, it } from 'vitest';
import type { Command } from '../../../cli/command/define-command.js';
import { COMMANDS } from '../../../cli/commands/index.js';
import { buildProgram } from '../../../cli/program.js';

const WORD = /'([^']*)'|(\S+)/g;
const examples = COMMANDS.flatMap((entry) => ('commands' in entry ? entry.commands : [entry])).flatMap(
  (command) => (command.examples ?? []).map((example) => [example, command] as const),
);

it.each(examples)('the example `%s` is a command line of its command', async (example, command) => {
  const [name, ...args] = [...example.matchAll(WORD)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const acted: Command[] = [];
  const { stdin, stdout, stderr, env } = process;
  const terminal = { args, env, cwd: process.cwd(), stdin, stdout, stderr, newId: () => '' };
  await buildProgram(terminal, async (read) => void acted.push(read)).parseAsync(args, { from: 'user' });
  expect([name, acted]).toEqual(['ringfence', [command]]);
});
