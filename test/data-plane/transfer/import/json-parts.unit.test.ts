import fc from 'fast-check';
import { expect, it } from 'vitest';
import { columnText } from '../../../../data-plane/transfer/import/export/column-text.js';
import { jsonParts } from '../../../../data-plane/transfer/import/export/json-parts.js';

it('splits any object and list into what they were made of, however they are spaced', () => {
  const spaces = fc.constantFrom(undefined, 1, 2, '\t');
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), spaces, (value, indent) => {
      const parts = jsonParts(JSON.stringify(value, null, indent));
      expect(parts.map(({ name, json }) => [name, JSON.parse(json)])).toEqual(
        Object.entries(JSON.parse(JSON.stringify(value)) as object),
      );
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), spaces, (value, indent) => {
      const parts = jsonParts(JSON.stringify(value, null, indent));
      expect(parts.map(({ json }) => JSON.parse(json))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it.each([
  ['null', 'text', null],
  ['"a\\"b"', 'text', 'a"b'],
  ['12345678901234567890.10', 'numeric', '12345678901234567890.10'],
  ['{"a": 1.10}', 'jsonb', '{"a": 1.10}'],
  ['{"a": 1}', 'text', undefined],
  ['[1]', 'text', undefined],
  ['["a,b", null, "", "\\"\\\\"]', 'text[]', '{"a,b",NULL,"","\\"\\\\"}'],
  ['[[1.10], [2]]', 'numeric[]', '{{"1.10"},{"2"}}'],
  [`${'['.repeat(7)}${']'.repeat(7)}`, 'integer[]', undefined],
])('%s of the type %s is the text %s', (json, type, text) => {
  expect(columnText(json, type)).toBe(text);
});
