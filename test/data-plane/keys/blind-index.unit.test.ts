import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BlindIndexKind, blindIndex, isSameText } from '../../../data-plane/keys/blind-index.js';
import { asciiDigits } from '../../../data-plane/keys/normal-form/digits.js';
import { nameForm } from '../../../data-plane/keys/normal-form/name-form.js';
import { phoneForm } from '../../../data-plane/keys/normal-form/phone-form.js';
import { TenantKey } from '../../../data-plane/keys/tenant-key.js';
import vectors from './blind-index.vectors.json' with { type: 'json' };
import { CLINIC_A, CLINIC_B, sampleTenantKey, TENANT_B } from './samples.js';

const forms = { name: nameForm, phone: phoneForm };
const kindOf = (kind: string): BlindIndexKind => (kind === 'name' ? 'name' : 'phone');
const codePoints = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));

describe('A blind index', () => {
  const index = blindIndex(sampleTenantKey(), CLINIC_A);

  it.each(vectors.vectors)('is the one of the vectors: $kind $text', (vector) => {
    const tenantKey = new TenantKey(vector.tenantId, vector.keyVersion, Buffer.from(vector.tenantKey, 'hex'));
    const kind = kindOf(vector.kind);
    expect(forms[kind](vector.text)).toBe(vector.normalised);
    expect(blindIndex(tenantKey, vector.clinicId)[kind](vector.text).toString('hex')).toBe(vector.index);
  });

  it.each(vectors.equal)('finds each by each other one, $language $kind: $texts', ({ kind, texts }) => {
    const found = texts.map((text) => index.search(kindOf(kind), text));
    for (const each of found) expect(each).toEqual([index[kindOf(kind)](texts[0] ?? '')]);
  });

  it.each(vectors.different)('finds neither by the other, $language $kind: $texts', ({ kind, texts }) => {
    const [one = '', other = ''] = texts;
    expect(index.search(kindOf(kind), one)).not.toContainEqual(index[kindOf(kind)](other));
    expect(index.search(kindOf(kind), other)).not.toContainEqual(index[kindOf(kind)](one));
    expect(isSameText(kindOf(kind), one, other)).toBe(false);
  });

  it.each(['', ' ', '---', '\u0301', '\u200b', '😀', '\ud800'])('is found by nobody for %j', (text) => {
    for (const kind of ['name', 'phone'] as const) {
      const stored = [index[kind](text), index[kind](text)];
      expect(stored[0]).not.toEqual(stored[1]);
      expect(stored.map(({ length }) => length)).toEqual([32, 32]);
      expect(index.search(kind, text)).toEqual([]);
      expect(index.searchEarlier(kind, text)).toEqual([]);
    }
  });

  it('is another for every clinic, tenant, key version and kind', () => {
    const made = [
      blindIndex(sampleTenantKey(), CLINIC_A),
      blindIndex(sampleTenantKey(), CLINIC_B),
      blindIndex(sampleTenantKey(TENANT_B), CLINIC_A),
      blindIndex(sampleTenantKey(undefined, 2), CLINIC_A),
    ].flatMap((each) => [each.name('123'), each.phone('123')]);
    expect(new Set(made.map((bytes) => bytes.toString('hex'))).size).toBe(8);
  });

  it('is there for the longest text that a field takes', () => {
    const longest = 'x'.repeat(1024 * 1024);
    expect(index.search('name', longest)).toEqual([index.name(longest)]);
    expect(index.searchEarlier('name', longest)).toEqual([]);
  });
});

describe('A normal form', () => {
  const tricky = fc.string({
    unit: fc.constantFrom(
      ...[
        'a',
        'ß',
        'ẞ',
        'İ',
        'ı',
        'ŉ',
        'ΐ',
        'ͅ',
        '\u0301',
        '\u0323',
        'Ł',
        'ʼ',
        ' ',
        '-',
        '1',
        '٣',
        '３',
        '\u200d',
      ],
      ...['م', '\u0640', '\u064e', '\u0651', 'ی', 'ש', '\u05b6', 'ם', 'क', '\u093c', 'ि', '्', 'ก', 'ึ', '่'],
      ...[
        'か',
        'ガ',
        '\u3099',
        'ﾞ',
        '゛',
        '+',
        '00',
        '(0)',
        '44',
        '34',
        '600111222',
        ' ext ',
        '#',
        ';',
        'x',
        '½',
      ],
    ),
  });

  it.each(Object.entries(forms))('of a %s is its own, and one for all normalisation forms', (_, form) => {
    const holds = (text: string): void => {
      const normal = form(text);
      expect(form(normal)).toBe(normal);
      for (const kind of ['NFC', 'NFD', 'NFKC', 'NFKD']) expect(form(text.normalize(kind))).toBe(normal);
    };
    fc.assert(fc.property(fc.string({ unit: 'binary' }), holds), { numRuns: 5_000 });
    fc.assert(fc.property(tricky, holds), { numRuns: 20_000 });
  });

  it('drops marks in no script but those where they are accents or vowel points', () => {
    const accented = /^[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Arabic}\p{sc=Hebrew}\p{sc=Syriac}]$/u;
    const letters = codePoints.filter((each) => /\p{Lo}/u.test(each) && !accented.test(each));
    const marks = codePoints.filter(
      (each) => /\p{M}/u.test(each) && !/\p{Default_Ignorable_Code_Point}/u.test(each) && each !== '\u0345',
    );
    for (const [at, mark] of marks.entries()) {
      const letter = letters[(at * 97) % letters.length] ?? '';
      if (nameForm(letter) !== '') expect(nameForm(letter + mark)).not.toBe(nameForm(letter));
    }
  });

  it('reads the digits of every script', () => {
    const digits = asciiDigits(codePoints.filter((each) => /\p{Nd}/u.test(each)).join(''));
    expect(digits).toMatch(/^(0123456789){60,}$/);
  });
});
