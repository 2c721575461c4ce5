import { createCipheriv, createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decryptField,
  ENVELOPE_OVERHEAD_BYTES,
  encryptField,
  envelopeKeyVersion,
  FIELD_MAX_BYTES,
  fieldKey,
} from '../../../data-plane/keys/field-envelope.js';
import { fieldAad } from '../../../data-plane/keys/field-place.js';
import { TenantKey } from '../../../data-plane/keys/tenant-key.js';
import vectors from './field-envelope.vectors.json' with { type: 'json' };
import { CLINIC_A, CLINIC_B, flipBit, sampleTenantKey, TENANT_B } from './samples.js';
import { twoKeyCiphertext } from './two-key-ciphertext.js';

const place = { table: 'clinical.notes', column: 'body', rowId: '0b9a1c1e-7f43-4a51-9d0e-3f7a2b6c5d4e' };
const key = fieldKey(sampleTenantKey(), CLINIC_A);
const refused = expect.objectContaining({ code: 'envelope_refused' });

describe('The vectors of the field envelope', () => {
  it.each(vectors.vectors)('hold for $table.$column, version $keyVersion', (vector) => {
    const tenantKey = new TenantKey(vector.tenantId, vector.keyVersion, Buffer.from(vector.tenantKey, 'hex'));
    const vectorKey = fieldKey(tenantKey, vector.clinicId, { random: () => Buffer.from(vector.iv, 'hex') });
    const envelope = encryptField(vectorKey, vector, vector.text);
    expect(envelope.toString('hex')).toBe(vector.envelope);
    expect(decryptField(vectorKey, vector, envelope)).toBe(vector.text);
    expect(envelopeKeyVersion(envelope)).toBe(vector.keyVersion);
  });
});

describe('A field envelope', () => {
  it('gives back any text, and never the same bytes twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const envelope = encryptField(key, place, text);
        expect(envelope.length).toBe(ENVELOPE_OVERHEAD_BYTES + Buffer.byteLength(text));
        expect(decryptField(key, place, envelope)).toBe(text);
        expect(encryptField(key, place, text)).not.toEqual(envelope);
      }),
    );
  });

  it('never uses an IV twice, over many draws of randomness', () => {
    const ivs = Array.from({ length: 2_000 }, () =>
      encryptField(key, place, '').subarray(37, 49).toString('hex'),
    );
    expect(new Set(ivs).size).toBe(ivs.length);
  });

  it('is refused with any one bit changed', () => {
    for (const text of ['', 'Alergia: penicilina', 'حساسية']) {
      const envelope = encryptField(key, place, text);
      for (let bit = 0; bit < envelope.length * 8; bit++) {
        expect(() => decryptField(key, place, flipBit(envelope, bit))).toThrow(refused);
      }
    }
  });

  it('is refused at any other length', () => {
    const envelope = encryptField(key, place, 'a short note');
    for (let length = 0; length < envelope.length; length++) {
      expect(() => decryptField(key, place, envelope.subarray(0, length))).toThrow(refused);
    }
    expect(() => decryptField(key, place, Buffer.concat([envelope, Buffer.alloc(1)]))).toThrow(refused);
  });

  it('is refused with a tag shorter than 16 bytes, even where the tag is right', () => {
    const iv = Buffer.alloc(12, 3);
    const cipher = createCipheriv('aes-256-gcm', key.encryptionKey, iv, { authTagLength: 4 });
    cipher.setAAD(fieldAad(key.aadPrefix, place));
    const text = Buffer.concat([cipher.update('forged by guessing'), cipher.final()]);
    const envelope = Buffer.concat([key.header, iv, text, cipher.getAuthTag()]);
    expect(() => decryptField(key, place, envelope)).toThrow(refused);
  });

  it.each([
    ['table', { ...place, table: 'clinical.note' }],
    ['column', { ...place, column: 'title' }],
    ['row', { ...place, rowId: '0b9a1c1e-7f43-4a51-9d0e-3f7a2b6c5d4f' }],
    ['table and column, joined elsewhere', { ...place, table: 'clinical.notesb', column: 'ody' }],
  ])('opens in no other %s', (_what, other) => {
    const envelope = encryptField(key, place, 'text');
    expect(() => decryptField(key, other, envelope)).toThrow(refused);
  });

  it.each([
    ['tenant with another key', fieldKey(sampleTenantKey(TENANT_B, 1, 8), CLINIC_A)],
    ['tenant, even with the same key', fieldKey(sampleTenantKey(TENANT_B), CLINIC_A)],
    ['clinic', fieldKey(sampleTenantKey(), CLINIC_B)],
    ['key version', fieldKey(sampleTenantKey(undefined, 2), CLINIC_A)],
  ])('opens for no other %s', (_what, other) => {
    const envelope = encryptField(key, place, 'text');
    expect(() => decryptField(other, place, envelope)).toThrow(refused);
    const relabelled = Buffer.concat([other.header, envelope.subarray(other.header.length)]);
    expect(() => decryptField(other, place, relabelled)).toThrow(refused);
  });

  it('commits to its key: a valid tag under one key is refused when the header names another', () => {
    const other = fieldKey(sampleTenantKey(undefined, 1, 9), CLINIC_A);
    const envelope = encryptField(other, place, 'valid under the other key');
    const body = envelope.subarray(key.header.length);
    expect(decryptField(other, place, Buffer.concat([other.header, body]))).toBe('valid under the other key');
    expect(() => decryptField(other, place, Buffer.concat([key.header, body]))).toThrow(/another key/);
    expect(() => decryptField(key, place, envelope)).toThrow(/another key/);
  });

  it('commits to its key: a ciphertext that GCM accepts under two keys opens under one', () => {
    const other = fieldKey(sampleTenantKey(undefined, 1, 9), CLINIC_A);
    const iv = Buffer.alloc(12, 3);
    const aad = fieldAad(key.aadPrefix, place);
    const { ciphertext, tag } = twoKeyCiphertext([key.encryptionKey, other.encryptionKey], iv, aad);
    for (const { encryptionKey } of [key, other]) {
      const decipher = createDecipheriv('aes-256-gcm', encryptionKey, iv, { authTagLength: 16 });
      decipher.setAAD(aad).setAuthTag(tag).update(ciphertext);
      expect(() => decipher.final()).not.toThrow();
    }
    const mine = Buffer.concat([key.header, iv, ciphertext, tag]);
    const theirs = Buffer.concat([other.header, iv, ciphertext, tag]);
    expect(decryptField(key, place, mine)).not.toBe(decryptField(other, place, theirs));
    expect(() => decryptField(other, place, mine)).toThrow(refused);
    expect(() => decryptField(key, place, theirs)).toThrow(refused);
  });

  it('says nothing of text or place when refused', () => {
    const envelope = flipBit(encryptField(key, place, 'secreto'), 8 * 60);
    try {
      decryptField(key, place, envelope);
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toMatch(/secreto|notes|body|0b9a1c1e/);
      expect((error as Error).cause).toBeUndefined();
    }
  });

  it('takes texts up to its limit, and valid Unicode only', () => {
    const longest = 'é'.repeat(FIELD_MAX_BYTES / 2);
    expect(decryptField(key, place, encryptField(key, place, longest))).toBe(longest);
    expect(() => encryptField(key, place, `${longest}a`)).toThrow(refused);
    expect(() => encryptField(key, place, 'half a pair: \ud83d')).toThrow(refused);
  });

  it('has a well-formed place', () => {
    const bad = [
      { table: '' },
      { table: 'ñ'.repeat(32) },
      { table: `${'x'.repeat(64)}.Y` },
      { table: '\0' },
      { column: '' },
      { column: 'ñ'.repeat(32) },
      { column: 'half a pair: \ud83d' },
      { rowId: '' },
    ];
    for (const part of [...bad, { rowId: 'x'.repeat(256) }]) {
      expect(() => encryptField(key, { ...place, ...part }, 'text')).toThrow(refused);
    }
    const envelope = encryptField(key, { ...place, table: 'shop.Order' }, 'text');
    expect(decryptField(key, { ...place, table: 'shop."Order"' }, envelope)).toBe('text');
    expect(() => fieldKey(sampleTenantKey('tenant'), CLINIC_A)).toThrow(refused);
    expect(() => fieldKey(sampleTenantKey(), CLINIC_A.toUpperCase())).toThrow(refused);
  });
});
