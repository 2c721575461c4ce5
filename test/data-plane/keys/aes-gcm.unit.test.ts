import { randomBytes, randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGcm, sealGcm } from '../../../data-plane/keys/aes-gcm.js';
import { decryptField, encryptField, fieldKey } from '../../../data-plane/keys/field-envelope.js';
import wycheproof from './aes-gcm.vectors.json' with { type: 'json' };
import { CLINIC_A, flipBit, sampleTenantKey } from './samples.js';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('AES-256-GCM', () => {
  it('agrees with every vector of Wycheproof', () => {
    const counts = { valid: 0, invalid: 0 };
    for (const { key, iv, aad, msg, ct, tag, result } of wycheproof.vectors) {
      const opened = openGcm(bytes(key), bytes(iv), bytes(aad), bytes(ct), bytes(tag));
      if (result === 'valid') {
        const sealed = sealGcm(bytes(key), bytes(iv), bytes(aad), bytes(msg));
        expect([sealed.encrypted.toString('hex'), sealed.tag.toString('hex')]).toEqual([ct, tag]);
        expect(opened?.toString('hex')).toBe(msg);
        counts.valid += 1;
      } else {
        expect(opened).toBeUndefined();
        counts.invalid += 1;
      }
    }
    console.log(`Wycheproof AES-256-GCM: ${counts.valid} valid agreed, ${counts.invalid} invalid refused`);
    expect(counts).toEqual({ valid: 39, invalid: 27 });
  });

  it('takes tags of 16 bytes only', () => {
    const [key, iv, aad] = [randomBytes(32), randomBytes(12), Buffer.alloc(0)];
    const { encrypted, tag } = sealGcm(key, iv, aad, 'text');
    for (let length = 0; length < 16; length++) {
      expect(() => openGcm(key, iv, aad, encrypted, tag.subarray(0, length))).toThrow(TypeError);
    }
  });
});

describe('1,000 envelopes', () => {
  // Refusing is quick; noting where it happened 600,000 times is not.
  const { stackTraceLimit } = Error;
  beforeAll(() => {
    Error.stackTraceLimit = 0;
  });
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  it('are each refused with any one bit flipped', () => {
    const key = fieldKey(sampleTenantKey(), CLINIC_A);
    let flips = 0;
    for (let number = 0; number < 1_000; number++) {
      const place = { table: 'clinical.messages', column: 'body_sealed', rowId: `row-${number}` };
      const envelope = encryptField(key, place, randomBytes(randomInt(0, 10)).toString('base64'));
      for (let bit = 0; bit < envelope.length * 8; bit++) {
        flips += 1;
        let opened = true;
        try {
          decryptField(key, place, flipBit(envelope, bit));
        } catch {
          opened = false;
        }
        if (opened) expect.fail(`envelope ${number} opened with bit ${bit} flipped`);
      }
      expect(decryptField(key, place, envelope)).not.toBeUndefined();
    }
    console.log(`flipped bits of 1,000 envelopes: ${flips}, opened 0`);
  });
});
