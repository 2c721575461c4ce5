import { describe, expect, it } from 'vitest';
import { blindIndex, normaliseName, normalisePhone } from '../../../data-plane/keys/blind-index.js';
import { TenantKey } from '../../../data-plane/keys/tenant-key.js';
import vectors from './blind-index.vectors.json' with { type: 'json' };
import { CLINIC_A, CLINIC_B, sampleTenantKey, TENANT_B } from './samples.js';

describe('A blind index', () => {
  it.each(vectors.vectors)('is the one of the vectors: $kind $text', (vector) => {
    const tenantKey = new TenantKey(vector.tenantId, vector.keyVersion, Buffer.from(vector.tenantKey, 'hex'));
    const index = blindIndex(tenantKey, vector.clinicId);
    const [normalise, make] =
      vector.kind === 'name' ? [normaliseName, index.name] : [normalisePhone, index.phone];
    expect(normalise(vector.text)).toBe(vector.normalised);
    expect(make(vector.text).toString('hex')).toBe(vector.index);
  });

  it.each([
    ['BEGOÑA  Núñez', 'begona nunez'],
    ['Iñaki', 'INAKI'],
    ['Groß', 'GROSS'],
    ['أَحْمَد', 'احمد'],
    ['محمـــد', 'محمد'],
    [' Ana\u00a0María ', 'ana maria'],
  ])('takes the names %s and %s for one', (written, typed) => {
    expect(normaliseName(written)).toBe(normaliseName(typed));
  });

  it('keeps a name in its script', () => {
    expect(normaliseName('سارة عبد الرحمن')).toBe('سارة عبد الرحمن');
    expect(normaliseName('علي')).not.toBe(normaliseName('ali'));
  });

  it.each([
    ['+34 400 123 456', '0034-400-123-456'],
    ['+20 170 123 4567', '+٢٠١٧٠١٢٣٤٥٦٧'],
  ])('takes the phones %s and %s for one', (written, typed) => {
    expect(normalisePhone(written)).toBe(normalisePhone(typed));
  });

  it('is another for every clinic, tenant, key version and kind', () => {
    const made = [
      blindIndex(sampleTenantKey(), CLINIC_A),
      blindIndex(sampleTenantKey(), CLINIC_B),
      blindIndex(sampleTenantKey(TENANT_B), CLINIC_A),
      blindIndex(sampleTenantKey(undefined, 2), CLINIC_A),
    ].flatMap((index) => [index.name('123'), index.phone('123')]);
    expect(new Set(made.map((bytes) => bytes.toString('hex'))).size).toBe(8);
  });
});
