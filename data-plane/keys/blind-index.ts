import { createHmac } from 'node:crypto';
import { deriveKey } from './derive-key.js';
import { lengthPrefixed } from './length-prefixed.js';
import type { TenantKey } from './tenant-key.js';

/** Makes the blind indexes of one clinic: equal texts give equal bytes, which tell nothing without the key. */
export interface BlindIndex {
  /** 32 bytes for a person's name, whatever its case, diacritics, Arabic vowel signs and spaces. */
  name(name: string): Buffer;
  /** 32 bytes for a phone number with its country code, however it is written. */
  phone(phone: string): Buffer;
}

/**
 * Exact search in sealed columns (docs/formats.md, blind index). The key is the clinic's own, so the same person at
 * two clinics has two indexes that nothing links. Keep it for a request or a batch.
 */
export const blindIndex = (tenantKey: TenantKey, clinicId: string): BlindIndex => {
  const key = deriveKey(tenantKey, { purpose: 'blind-index', clinicId });
  const indexOf = (kind: 'name' | 'phone', normalised: string): Buffer =>
    createHmac('sha256', key)
      .update(lengthPrefixed(['ringfence/blind-index/v1', kind, normalised]))
      .digest();
  return {
    name: (name) => indexOf('name', normaliseName(name)),
    phone: (phone) => indexOf('phone', normalisePhone(phone)),
  };
};

/** NFKD without marks and tatweel, upper case (which folds: ß is SS), words one space apart. */
export const normaliseName = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[\p{M}\u0640]/gu, '')
    .toUpperCase()
    .trim()
    .replace(/\s+/gu, ' ');

/** Its digits as 0-9, also when typed as Arabic or Persian ones, without the prefix 00. */
export const normalisePhone = (phone: string): string =>
  phone
    .normalize('NFKC')
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replace(/[^0-9]/g, '')
    .replace(/^00/, '');
