import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { breaksAt, breaksOf } from '../../scripts/json/breaks.js';
import { committed, committedFiles, committedPage, filesOf, pageOf } from '../../scripts/json/files.js';
import { jsonSchemas, namedCommands } from '../../scripts/json/schemas.js';

const schemas = await jsonSchemas();

describe('What --json prints', () => {
  it('has a view, of every command that prints a result', () => {
    const without = namedCommands().filter(([, { view, lines }]) => !view && !lines);
    // The first prints what the submitted command prints.
    expect(without.map(([name]) => name)).toEqual(['submissions watch', 'worker', 'pulumi']);
  });

  it('breaks no program that reads it, unless JSON_VERSION was raised', () => {
    const before = committed();
    expect(before && breaksOf(before, schemas)).toEqual([]);
  });

  it('is documented as `npm run json` writes it', () => {
    expect(committedFiles()).toEqual(new Map([...filesOf(schemas)].sort(([a], [b]) => (a < b ? -1 : 1))));
    expect(committedPage()).toBe(pageOf(schemas));
  });
});

const BEFORE = z.strictObject({
  id: z.guid(),
  rows: z.int().nullable(),
  kind: z.enum(['full', 'incremental']),
  note: z.string().optional(),
  tables: z.array(z.strictObject({ name: z.string(), rows: z.int() })),
  counts: z.record(z.string(), z.int()),
  from: z.union([z.strictObject({ backup: z.string() }), z.strictObject({ moment: z.string() })]),
});

const breaks = (after: z.ZodType): string[] =>
  breaksAt('', z.toJSONSchema(BEFORE), z.toJSONSchema(after, { io: 'output' }));

describe('A program is broken', () => {
  it.each([
    ['a key that is gone', BEFORE.omit({ rows: true }), '.rows is gone'],
    ['a key that may be missing', BEFORE.partial({ id: true }), '.id may be missing'],
    ['another type', BEFORE.extend({ note: z.int() }), '.note may be integer'],
    ['another form', BEFORE.extend({ id: z.string() }), '.id may be string'],
    ['a null', BEFORE.extend({ kind: z.enum(['full']).nullable() }), '.kind may be null'],
    ['any text instead of a choice', BEFORE.extend({ kind: z.string() }), '.kind may be string'],
    [
      'a key that is gone in a list',
      BEFORE.extend({ tables: z.array(z.strictObject({ name: z.string() })) }),
      '.tables[].rows is gone',
    ],
    [
      'another type by any key',
      BEFORE.extend({ counts: z.record(z.string(), z.string()) }),
      '.counts.* may be string',
    ],
    [
      'a shape that is gone',
      BEFORE.extend({ from: z.strictObject({ moment: z.string() }) }),
      '.from.backup is gone',
    ],
  ])('by %s', (_, after, what) => {
    expect(breaks(after)).toEqual([what]);
  });

  it.each([
    ['a key that is added', BEFORE.extend({ at: z.string() })],
    ['a choice that is added', BEFORE.extend({ kind: z.enum(['full', 'incremental', 'copy']) })],
    ['what was null and is always there now', BEFORE.extend({ rows: z.int() })],
    [
      'a shape that is added',
      BEFORE.extend({ from: z.union([...BEFORE.shape.from.options, z.strictObject({ cell: z.string() })]) }),
    ],
  ])('but not by %s', (_, after) => {
    expect(breaks(after)).toEqual([]);
  });

  it('by a command that is gone, but not by anything in a new version', () => {
    const [, ...fewer] = schemas.commands;
    expect(breaksOf(schemas, { ...schemas, commands: fewer })).toEqual([
      'doctor: it prints nothing any more',
    ]);
    expect(breaksOf(schemas, { ...schemas, version: schemas.version + 1, commands: [] })).toEqual([]);
  });
});
