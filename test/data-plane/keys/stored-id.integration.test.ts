import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storedForm } from '../../../data-plane/keys/stored-id.js';
import { useDatabase } from '../../support/cell-database.js';

const UNITS = [...'0123456789', ...'0123456789', '-', '+', '.', ' ', 'e', 'A', 'ñ', '{', '}', '_'];

describe('the form in which Postgres stores an id', () => {
  const db = useDatabase();

  it.each([
    'smallint',
    'integer',
    'bigint',
    'numeric',
    'numeric(6,2)',
    'numeric(6,0)',
    'character(4)',
    'uuid',
  ])('of type %s is told from all other spellings', async (type) => {
    const form = storedForm(type);
    const uuids = fc
      .uuid()
      .chain((id) => fc.constantFrom(id, id.toUpperCase(), id.replaceAll('-', ''), `{${id}}`, ` ${id}`));
    const texts = fc.sample(
      type === 'uuid' ? uuids : fc.string({ unit: fc.constantFrom(...UNITS), minLength: 1, maxLength: 5 }),
      20_000,
    );
    const { rows } = await db.admin.query<{ text: string; stored: boolean }>(
      `SELECT text, CASE WHEN pg_input_is_valid(text, '${type}')
                           THEN text::${type}::text = text AND format('%s', text::${type}) = text END AS stored
           FROM unnest($1::text[]) AS text`,
      [texts],
    );
    const valid = rows.filter(({ stored }) => stored !== null);
    const wrong = valid.filter(({ text, stored }) => form?.test(text) !== stored);
    expect(wrong).toEqual([]);
    expect(new Set(valid.map(({ stored }) => stored)).size).toBe(2);
  });
});
