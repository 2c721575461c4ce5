import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { readRows } from '../../../control-plane/project/read-rows.js';

const schema = z.object({
  slug: z.string(),
  state: z.enum(['active', 'removed']),
  at: z.date().nullable(),
  clinics: z.record(z.string(), z.guid()),
});
const row = { slug: 'dental', state: 'active', at: new Date(0), clinics: {} };

it('hands on rows that fit', () => {
  expect(readRows(schema, 'control.tenants', [row, { ...row, at: null }])).toEqual([
    row,
    { ...row, at: null },
  ]);
});

it('refuses one that does not, by its table and columns, and shows no values', () => {
  const wrong = {
    ...row,
    state: 'Ana García',
    at: '2027-01-01',
    clinics: { 'clinica-de-ana': 'a', other: 'b' },
  };
  const read = (): unknown => {
    try {
      return readRows(schema, 'control.tenants', [row, wrong]);
    } catch (error) {
      return error;
    }
  };
  expect(read()).toMatchObject({
    code: 'row_invalid',
    message: 'a row of control.tenants is not what this version reads: state, at, clinics',
  });
  expect(inspect(read(), { depth: null })).not.toMatch(/Ana|2027|clinica/);
});
