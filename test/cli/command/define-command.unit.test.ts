import { Command as Commander } from 'commander';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Command, defineCommand } from '../../../cli/command/define-command.js';
import type { GlobalOptions } from '../../../cli/command/global-options.js';
import { parseCount, parsePair } from '../../../cli/command/option-values.js';
import { register } from '../../../cli/command/register.js';

const sort = defineCommand({
  name: 'sort',
  description: 'sort letters',
  arguments: ['<box>', { name: '[order]', description: 'which', choices: ['up', 'down'] }],
  options: {
    limit: { value: '<count>', description: 'how many', parse: parseCount, default: 3 },
    from: { value: '<from=to>', description: 'renamed', parse: parsePair, many: true },
    kind: { value: '<name...>', choices: ['letter', 'card'], many: true, whenNone: 'all' },
    newestBy: { short: 'n', value: '<column>', description: 'by this one' },
    reason: { value: '<text>', description: 'why', required: true },
    dryRun: { description: 'change nothing' },
  },
  note: 'Cards are heavier.',
  examples: ['ringfence letters sort box --reason tidy'],
  run: async (_context, options, box, order) => {
    expectTypeOf(box).toEqualTypeOf<string>();
    expectTypeOf(order).toEqualTypeOf<'up' | 'down' | undefined>();
    expectTypeOf(options.limit).toEqualTypeOf<number>();
    expectTypeOf(options.from).toEqualTypeOf<readonly (readonly [from: string, to: string])[]>();
    expectTypeOf(options.kind).toEqualTypeOf<readonly ('letter' | 'card')[]>();
    expectTypeOf(options.newestBy).toEqualTypeOf<string | undefined>();
    expectTypeOf(options.reason).toEqualTypeOf<string>();
    expectTypeOf(options.dryRun).toEqualTypeOf<boolean | undefined>();
  },
});
const all = defineCommand({
  name: 'all',
  description: 'several',
  arguments: ['<first>', '<rest...>'],
  run: async (_context, _options, first, rest) => {
    expectTypeOf(first).toEqualTypeOf<string>();
    expectTypeOf(rest).toEqualTypeOf<readonly string[]>();
  },
});
const other = defineCommand({
  name: 'other',
  description: 'of another program',
  arguments: ['[args...]'],
  passThrough: true,
  run: async () => undefined,
});

interface Read {
  readonly command: Command;
  readonly options: object;
  readonly args: readonly unknown[];
  readonly globals: GlobalOptions;
}

/** What the command line is read as, and what is printed about it. */
const read = async (...words: string[]): Promise<{ acted: Read[]; printed: string; failure?: string }> => {
  const acted: Read[] = [];
  let printed = '';
  const print = (text: string): void => {
    printed += text;
  };
  const program = new Commander('ringfence').exitOverride().enablePositionalOptions().configureOutput({
    writeOut: print,
    writeErr: print,
  });
  const letters = { name: 'letters', description: 'letters', commands: [sort, all] };
  for (const entry of [letters, other])
    register(program, entry, {
      shellFolder: '/',
      alwaysOnWorker: false,
      act: async (command, given) => void acted.push({ command, ...given }),
    });
  try {
    await program.parseAsync(words, { from: 'user' });
    return { acted, printed };
  } catch (error) {
    return { acted, printed, failure: (error as { code: string }).code };
  }
};

describe('defineCommand', () => {
  it('reads options and arguments as they are declared', async () => {
    const words = ['box', 'down', '--limit', '5', '--from', 'a=b', '--from', 'c=d', '-n', 'at', '--dry-run'];
    const { acted } = await read('letters', 'sort', ...words, '--reason', 'x', '--kind', 'card', 'letter');
    expect(acted).toEqual([
      {
        command: sort,
        options: {
          limit: 5,
          from: [
            ['a', 'b'],
            ['c', 'd'],
          ],
          kind: ['card', 'letter'],
          newestBy: 'at',
          reason: 'x',
          dryRun: true,
        },
        args: ['box', 'down'],
        globals: {},
        onWorker: false,
      },
    ]);
  });

  it('reads --on-worker of any command, and shows it only where a worker runs that', async () => {
    const { acted } = await read('letters', 'sort', 'box', '--reason', 'x', '--on-worker');
    expect(acted).toMatchObject([{ args: ['box', undefined], onWorker: true }]);
    expect((await read('letters', 'sort', '--help')).printed).not.toContain('--on-worker');
  });

  it('gives defaults, and leaves out what is not given', async () => {
    const { acted } = await read('letters', 'sort', 'box', '--reason', 'x');
    expect(acted).toMatchObject([{ args: ['box', undefined] }]);
    expect(acted[0]?.options).toEqual({ limit: 3, from: [], kind: [], reason: 'x' });
    expect((await read('letters', 'all', 'one', 'two', 'three')).acted[0]?.args).toEqual([
      'one',
      ['two', 'three'],
    ]);
  });

  it.each([
    [['sort', 'box'], 'commander.missingMandatoryOptionValue'],
    [['sort', '--reason', 'x'], 'commander.missingArgument'],
    [['sort', 'box', 'sideways', '--reason', 'x'], 'commander.invalidArgument'],
    [['sort', 'box', '--reason', 'x', '--limit', 'many'], 'commander.invalidArgument'],
    [['sort', 'box', '--reason', 'x', '--from', 'a'], 'commander.invalidArgument'],
    [['sort', 'box', '--reason', 'x', '--kind', 'parcel'], 'commander.invalidArgument'],
    [['sort', 'box', '--reason'], 'commander.optionMissingArgument'],
    [['sort', 'box', '--reason', 'x', '--colour'], 'commander.unknownOption'],
    [['all', 'one'], 'commander.missingArgument'],
  ])('refuses %j', async (words, failure) => {
    expect(await read('letters', ...words)).toMatchObject({ acted: [], failure });
  });

  it('shows in the help what is declared, the note and the examples', async () => {
    const { printed } = await read('letters', 'sort', '--help');
    expect(printed).toContain('-n, --newest-by <column>');
    expect(printed).toContain('how many (default: 3)');
    expect(printed).toContain('default: all');
    expect(printed).toMatch(
      /\n\nCards are heavier\.\n\nExamples:\n {2}\$ ringfence letters sort box --reason tidy\n$/,
    );
  });

  it('hands what belongs to another program over as it is', async () => {
    const { acted } = await read('other', '-C', 'tmp', 'ls', '--json', '-C', 'elsewhere', '--', '--yes');
    expect(acted).toMatchObject([
      { args: [['ls', '--json', '-C', 'elsewhere', '--', '--yes']], globals: { cwd: 'tmp' }, options: {} },
    ]);
  });
});
