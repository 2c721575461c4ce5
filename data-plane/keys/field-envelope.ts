import { hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { RingfenceError } from '../../core/errors.js';
import { IV_BYTES, openGcm, sealGcm, TAG_BYTES } from './aes-gcm.js';
import { deriveKey } from './derive-key.js';
import { type FieldPlace, fieldAad, fieldAadPrefix } from './field-place.js';
import { KEY_BYTES } from './key-root.js';
import type { RandomSource } from './random.js';
import type { TenantKey } from './tenant-key.js';

const FORMAT_VERSION = 1;
const COMMITMENT_AT = 5;
const COMMITMENT_BYTES = 32;
const IV_AT = COMMITMENT_AT + COMMITMENT_BYTES;
const TEXT_AT = IV_AT + IV_BYTES;
/** Bytes that an envelope adds to its text. */
export const ENVELOPE_OVERHEAD_BYTES = TEXT_AT + TAG_BYTES;
/** Largest text, as UTF-8. */
export const FIELD_MAX_BYTES = 1024 * 1024;
/** Random bytes are drawn for so many IVs at once: one call per IV costs as much as encrypting. */
const IVS_PER_DRAW = 64;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Encrypts and decrypts the fields of one clinic under one key version. Made by `fieldKey`. */
export interface FieldKey {
  readonly keyVersion: number;
  readonly encryptionKey: Buffer;
  /** The first 37 bytes of every envelope: format version, key version, key commitment. */
  readonly header: Buffer;
  readonly aadPrefix: Buffer;
  readonly nextIv: () => Buffer;
}

/** The clinic's field key. Deriving costs about ten fields' encryption: keep it for a request or a batch. */
export const fieldKey = (
  tenantKey: TenantKey,
  clinicId: string,
  options: { readonly random?: RandomSource } = {},
): FieldKey => {
  const aadPrefix = fieldAadPrefix(tenantKey.tenantId, clinicId, tenantKey.version);
  const derived = deriveKey(tenantKey, { purpose: 'field', clinicId });
  const okm = Buffer.from(
    hkdfSync('sha256', derived, '', 'ringfence/field/v1', KEY_BYTES + COMMITMENT_BYTES),
  );
  derived.fill(0);
  const header = Buffer.alloc(IV_AT);
  header.writeUInt8(FORMAT_VERSION, 0);
  header.writeUInt32BE(tenantKey.version, 1);
  okm.copy(header, COMMITMENT_AT, KEY_BYTES);
  return {
    keyVersion: tenantKey.version,
    encryptionKey: okm.subarray(0, KEY_BYTES),
    header,
    aadPrefix,
    nextIv: ivSource(options.random ?? randomBytes),
  };
};

/**
 * Encrypts a text for one place. The same text gives other bytes each time.
 *
 * @throws RingfenceError envelope_refused for a text above FIELD_MAX_BYTES or with lone surrogates, or a malformed place.
 */
export const encryptField = (key: FieldKey, place: FieldPlace, text: string): Buffer => {
  const textBytes = Buffer.byteLength(text, 'utf8');
  if (textBytes > FIELD_MAX_BYTES) throw refused(`a field has at most ${FIELD_MAX_BYTES} bytes`);
  if (textBytes !== text.length && LONE_SURROGATE.test(text)) throw refused('the text is not valid Unicode');
  const iv = key.nextIv();
  const { encrypted, tag } = sealGcm(key.encryptionKey, iv, fieldAad(key.aadPrefix, place), text);
  return Buffer.concat([key.header, iv, encrypted, tag]);
};

/**
 * Opens an envelope that was made for this place.
 *
 * @throws RingfenceError envelope_refused, without data or place, for any other key, place or changed bit.
 */
export const decryptField = (key: FieldKey, place: FieldPlace, envelope: Buffer): string => {
  if (
    envelope.length < ENVELOPE_OVERHEAD_BYTES ||
    envelope.length > ENVELOPE_OVERHEAD_BYTES + FIELD_MAX_BYTES
  ) {
    throw refused('the envelope has an impossible length');
  }
  if (!timingSafeEqual(envelope.subarray(0, IV_AT), key.header))
    throw refused('the envelope is for another key');
  const tagAt = envelope.length - TAG_BYTES;
  const text = openGcm(
    key.encryptionKey,
    envelope.subarray(IV_AT, TEXT_AT),
    fieldAad(key.aadPrefix, place),
    envelope.subarray(TEXT_AT, tagAt),
    envelope.subarray(tagAt),
  );
  if (text === undefined)
    throw refused('the envelope was altered or belongs to another tenant, clinic, table, column or row');
  return text.toString('utf8');
};

/** The key version that an envelope asks for: tells which key to load. Proves nothing until `decryptField` succeeds. */
export const envelopeKeyVersion = (envelope: Buffer): number => {
  if (envelope.length < ENVELOPE_OVERHEAD_BYTES) throw refused('the envelope has an impossible length');
  if (envelope[0] !== FORMAT_VERSION) throw refused('the envelope has an unknown format version');
  return envelope.readUInt32BE(1);
};

const ivSource = (random: RandomSource): (() => Buffer) => {
  let drawn: Buffer = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at >= drawn.length) {
      drawn = random(IV_BYTES * IVS_PER_DRAW);
      at = 0;
    }
    at += IV_BYTES;
    return drawn.subarray(at - IV_BYTES, at);
  };
};

const refused = (message: string): RingfenceError =>
  new RingfenceError('envelope_refused', message, {
    fix: 'read the value with the tenant, clinic, table, column and row it was written for; otherwise restore it',
  });
