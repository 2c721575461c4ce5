import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { deriveKey, type KeyUse } from '../../../data-plane/keys/derive-key.js';
import { lengthPrefixed } from '../../../data-plane/keys/length-prefixed.js';
import { TenantKey } from '../../../data-plane/keys/tenant-key.js';
import vectors from './derived-key.vectors.json' with { type: 'json' };
import { CLINIC_A, CLINIC_B, sampleTenantKey, TENANT_B } from './samples.js';

describe('A derived key', () => {
  it.each(vectors.vectors)('is the one of the vectors: $purpose, version $keyVersion', (vector) => {
    const tenantKey = new TenantKey(vector.tenantId, vector.keyVersion, Buffer.from(vector.tenantKey, 'hex'));
    expect(deriveKey(tenantKey, vector as KeyUse).toString('hex')).toBe(vector.derivedKey);
  });

  it('is another for every tenant, version, purpose and clinic', () => {
    const keys = [
      sampleTenantKey(),
      sampleTenantKey(undefined, 2),
      sampleTenantKey(TENANT_B),
      sampleTenantKey(undefined, 1, 8),
    ].flatMap((tenantKey) => [
      deriveKey(tenantKey, { purpose: 'field', clinicId: CLINIC_A }),
      deriveKey(tenantKey, { purpose: 'field', clinicId: CLINIC_B }),
      deriveKey(tenantKey, { purpose: 'blind-index', clinicId: CLINIC_A }),
      deriveKey(tenantKey, { purpose: 'backup' }),
      deriveKey(tenantKey, { purpose: 'database-login' }),
      deriveKey(tenantKey, { purpose: 'manifest-mac' }),
    ]);
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(24);
  });
});

describe('A tenant key', () => {
  it('shows its secret to nobody', () => {
    const key = new TenantKey(TENANT_B, 1, Buffer.from('a secret of exactly thirty-two b'));
    const shown = `${inspect(key, { showHidden: true, depth: 9 })}${JSON.stringify(key)}${String(key)}`;
    expect(shown).not.toMatch(/a secret|61 20 73/);
  });

  it('is of no use once wiped, while its copies are', () => {
    const key = sampleTenantKey();
    const copy = key.copy();
    const before = deriveKey(copy, { purpose: 'backup' });
    key.wipe();
    expect(() => deriveKey(key, { purpose: 'backup' })).toThrow(
      expect.objectContaining({ code: 'key_not_found' }),
    );
    expect(deriveKey(copy, { purpose: 'backup' })).toEqual(before);
  });

  it('has 32 bytes', () => {
    expect(() => new TenantKey(TENANT_B, 1, Buffer.alloc(31))).toThrow();
  });
});

describe('Length-prefixed parts', () => {
  it('differ whenever the parts differ', () => {
    const lists = [['ab', ''], ['a', 'b'], ['', 'ab'], ['ab'], ['ab', '', '']];
    expect(new Set(lists.map((parts) => lengthPrefixed(parts).toString('hex'))).size).toBe(lists.length);
  });
});
