import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hmacPads, signContextToken } from '../../../data-plane/access/context-token.js';

interface Vector {
  key: string;
  keyId: number;
  backendPid: number;
  nowMs: number;
  tenantId: string;
  clinicId: string;
  userId?: string;
  epoch?: number;
  token: string;
}
const vectors = JSON.parse(
  readFileSync(new URL('./context-token.vectors.json', import.meta.url), 'utf8'),
) as Vector[];

describe('context token', () => {
  it.each(vectors)('signs as the vector for key id $keyId', (vector) => {
    const key = { keyId: vector.keyId, secret: Buffer.from(vector.key, 'hex') };
    const token = signContextToken(vector, {
      key,
      backendPid: vector.backendPid,
      now: new Date(vector.nowMs),
    });
    expect(token.toString('hex')).toBe(vector.token);
  });

  it('refuses ids that are no uuids', () => {
    const options = { key: { keyId: 1, secret: Buffer.alloc(32) }, backendPid: 1, now: new Date(0) };
    expect(() => signContextToken({ tenantId: 'a', clinicId: 'b' }, options)).toThrow(TypeError);
  });

  it('pads the key to two blocks of 64 bytes (RFC 2104)', () => {
    const { innerPad, outerPad } = hmacPads(Buffer.from([1]));
    expect([innerPad.length, innerPad[0], innerPad[63]]).toEqual([64, 0x37, 0x36]);
    expect([outerPad.length, outerPad[0], outerPad[63]]).toEqual([64, 0x5d, 0x5c]);
  });
});
