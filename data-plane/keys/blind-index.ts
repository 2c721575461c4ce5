import { createHmac, randomBytes } from 'node:crypto';
import { deriveKey } from './derive-key.js';
import { lengthPrefixed } from './length-prefixed.js';
import { EARLIER_FORMS } from './normal-form/earlier-rule.js';
import { nameForm } from './normal-form/name-form.js';
import { phoneForm } from './normal-form/phone-form.js';
import type { TenantKey } from './tenant-key.js';

/** How the text of a blind index is read: which texts are one. */
export type BlindIndexKind = 'name' | 'phone';

/**
 * Makes the blind indexes of one clinic, 32 bytes each: equal texts give equal bytes, which tell nothing without the
 * key. A text without a letter or digit gives random bytes, so that nothing finds it and nothing shows that it is empty.
 */
export interface BlindIndex extends Readonly<Record<BlindIndexKind, (text: string) => Buffer>> {
  /** A person's name, whatever its case, accents, vowel points and spacing. */
  name(name: string): Buffer;
  /** A phone number, however it is written; without its country code it is another number than with it. */
  phone(phone: string): Buffer;
  /** The indexes of rows with this text; none for a text that nothing finds. */
  search(kind: BlindIndexKind, text: string): Buffer[];
  /** Their indexes under version 1 of the rule. Rows found by it may have another text: `isSameText` tells. */
  searchEarlier(kind: BlindIndexKind, text: string): Buffer[];
}

const FORMS: Readonly<Record<BlindIndexKind, (text: string) => string>> = {
  name: nameForm,
  phone: phoneForm,
};
const INDEX_BYTES = 32;
/** In version 1 the form was length-prefixed too, so a longer one had no index. */
const EARLIER_FORM_MAX_BYTES = 65_535;

/**
 * Exact search in sealed columns (docs/formats.md, blind index). The key is the clinic's own, so the same person at
 * two clinics has two indexes that nothing links. Keep it for a request or a batch.
 */
export const blindIndex = (tenantKey: TenantKey, clinicId: string): BlindIndex => {
  const key = deriveKey(tenantKey, { purpose: 'blind-index', clinicId });
  const mac = (...parts: readonly (string | Buffer)[]): Buffer => {
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  };
  const indexOf = (kind: BlindIndexKind, form: string): Buffer =>
    mac(lengthPrefixed(['ringfence/blind-index/v2', kind]), form);
  const stored = (kind: BlindIndexKind, text: string): Buffer => {
    const form = FORMS[kind](text);
    return form === '' ? randomBytes(INDEX_BYTES) : indexOf(kind, form);
  };
  const search = (kind: BlindIndexKind, text: string): Buffer[] => {
    const form = FORMS[kind](text);
    return form === '' ? [] : [indexOf(kind, form)];
  };
  return {
    name: (name) => stored('name', name),
    phone: (phone) => stored('phone', phone),
    search,
    searchEarlier: (kind, text) => {
      const form = EARLIER_FORMS[kind](text);
      return FORMS[kind](text) === '' || form === '' || Buffer.byteLength(form) > EARLIER_FORM_MAX_BYTES
        ? []
        : [mac(lengthPrefixed(['ringfence/blind-index/v1', kind, form]))];
    },
  };
};

/** Says whether a search for one text shall find the other. */
export const isSameText = (kind: BlindIndexKind, text: string, other: string): boolean => {
  const form = FORMS[kind](text);
  return form !== '' && form === FORMS[kind](other);
};
