import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Command, Group } from '../../../cli/command/define-command.js';
import { COMMANDS } from '../../../cli/commands/index.js';
import { SUBMISSION_KINDS } from '../../../control-plane/submissions/kinds.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const REACHES_A_CELL = /\b(?:adminConnection|appConnection)\(|\.server\(/;
/** What opens targets for every command, whatever it does with them; and the control database, which is no cell. */
const PASSED_OVER =
  /^(?:targets|stacks|cli\/runtime)\/|^control-plane\/(?:open-runtime|targets\/|engine\/|project\/control-server)/;
const IMPORTS = /(?:import|export)\s(?!type\b)[^;]*?from\s+'(\.[^']+)'|import\(\s*'(\.[^']+)',?\s*\)/g;

const imports = new Map<string, readonly string[]>();
const importsOf = (file: string): readonly string[] => {
  const known = imports.get(file);
  if (known) return known;
  const found = [...readFileSync(file, 'utf8').matchAll(IMPORTS)]
    .map(([, fixed, late]) => resolve(dirname(file), (fixed ?? late ?? '').replace(/[.]js$/, '.ts')))
    .filter(existsSync);
  imports.set(file, found);
  return found;
};

/** The files of the control plane that a command may come to, and that reach a cell. */
const reachedBy = (command: string): string[] => {
  const seen = new Set<string>();
  const left = [join(ROOT, 'cli', 'commands', ...command.split(' '))].map((path) => `${path}.ts`);
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    const name = file.slice(ROOT.length + 1);
    if (seen.has(file) || PASSED_OVER.test(name)) continue;
    seen.add(file);
    left.push(...importsOf(file));
  }
  return [...seen].filter(
    (file) => file.startsWith(join(ROOT, 'control-plane')) && REACHES_A_CELL.test(readFileSync(file, 'utf8')),
  );
};

const commands = COMMANDS.flatMap((entry: Command | Group): (readonly [string, Command])[] =>
  'commands' in entry
    ? entry.commands.map((command) => [`${entry.name} ${command.name}`, command] as const)
    : [[entry.name, entry] as const],
);
const named = (is: (command: Command) => boolean): string[] =>
  commands.flatMap(([name, command]) => (is(command) ? name : [])).sort();

describe('A command that reaches cells', () => {
  it('is done by the worker for others, or says why not, and no other command says so', () => {
    const reaching = commands.map(([name]) => name).filter((name) => reachedBy(name).length > 0);
    expect(reaching.length).toBeGreaterThan(40);
    const declared = named(({ onWorker, notOnWorker }) => (onWorker ?? notOnWorker) !== undefined);
    expect(declared).toEqual(reaching.sort());
    expect(named(({ onWorker, notOnWorker }) => onWorker !== undefined && notOnWorker !== undefined)).toEqual(
      [],
    );
  });

  it('is submitted by its own name, and the worker knows no other', () => {
    const submittable = named(({ onWorker }) => onWorker !== undefined);
    expect(Object.keys(SUBMISSION_KINDS).sort()).toEqual(submittable);
    for (const [name, { onWorker }] of commands) if (onWorker) expect(onWorker.kind).toBe(name);
  });

  it('is in the tables of docs/reach.md, with what to do instead', () => {
    const rows = readFileSync(join(ROOT, 'docs', 'reach.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    const inTicks = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    const table = (heading: string) => {
      const first = rows.findIndex(([, cell]) => cell === heading);
      const end = rows.findIndex(([, cell], at) => at > first + 1 && /^-+$/.test(cell ?? ''));
      return rows.slice(first + 2, end === -1 ? undefined : end - 1);
    };
    const done = table('a worker does for others').flatMap(([, , cell]) => inTicks(cell));
    expect(done.sort()).toEqual(named(({ onWorker }) => onWorker !== undefined));
    const refused = table('reaches cells, and no worker does it for others').flatMap(
      ([, cell, because, instead]) => inTicks(cell).map((name) => ({ name, because, instead })),
    );
    const declared = commands.flatMap(([name, { notOnWorker }]) =>
      notOnWorker ? { name, ...notOnWorker } : [],
    );
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(refused.sort(byName)).toEqual(declared.sort(byName));
  });
});
