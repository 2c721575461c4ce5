import { expect, it } from 'vitest';
import { z } from 'zod';
import { show } from '../../../cli/terminal/context.js';
import { failure, moment } from '../../../control-plane/view.js';
import { RingfenceError } from '../../../core/errors.js';

const VIEW = z.strictObject({ slug: z.string(), at: moment.nullable(), failure: failure.nullable() });
const VALUE = { slug: 'uno', at: new Date(0), failure: new RingfenceError('timeout', 'late') };
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(show(VIEW, value)));

it('shows moments in UTC, and errors by their code and message', () => {
  expect(json(VALUE)).toEqual({
    slug: 'uno',
    at: '1970-01-01T00:00:00.000Z',
    failure: { code: 'timeout', message: 'late' },
  });
  expect(json({ ...VALUE, failure: new RingfenceError('timeout', 'late', { fix: 'wait' }) })).toMatchObject({
    failure: { fix: 'wait' },
  });
});

it('refuses what is not documented, by its place and not by its value', () => {
  expect(() => show(VIEW, { ...VALUE, patient: 'Ana' })).toThrow(/not as documented: all of it: .*"patient"/);
  expect(() => show(VIEW, { ...VALUE, slug: 4711 })).toThrow(/slug: (?!.*4711)/);
  expect(() => show(undefined, VALUE)).toThrow('no view');
});

it('shows of a record of a store what the view names', () => {
  expect(show(z.object({ slug: z.string() }), { slug: 'uno', password_hash: 'x' })).toEqual({ slug: 'uno' });
});
