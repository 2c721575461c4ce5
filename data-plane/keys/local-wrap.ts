import { RingfenceError } from '../../core/errors.js';
import { IV_BYTES, openGcm, sealGcm, TAG_BYTES } from './aes-gcm.js';
import { type EncryptionContext, wrappedKeyAad } from './encryption-context.js';
import { KEY_BYTES } from './key-root.js';
import type { KeyringRoot } from './keyring-file.js';

const FORMAT_VERSION = 1;
const KEY_AT = 1 + IV_BYTES;
const TAG_AT = KEY_AT + KEY_BYTES;
/** Size of a locally wrapped key (docs/formats.md, wrapped tenant key). */
const WRAPPED_BYTES = TAG_AT + TAG_BYTES;

/** @param iv 12 bytes, never used before with this root. */
export const wrapLocally = (
  root: KeyringRoot,
  key: Buffer,
  context: EncryptionContext,
  iv: Buffer,
): Buffer => {
  if (key.length !== KEY_BYTES) {
    throw new RingfenceError('envelope_refused', `a key to wrap has ${KEY_BYTES} bytes, not ${key.length}`);
  }
  const { encrypted, tag } = sealGcm(root.key, iv, wrappedKeyAad(root.id, context), key);
  return Buffer.concat([Buffer.from([FORMAT_VERSION]), iv, encrypted, tag]);
};

/** @throws RingfenceError envelope_refused when altered, or wrapped under another root or context. */
export const unwrapLocally = (root: KeyringRoot, wrapped: Buffer, context: EncryptionContext): Buffer => {
  if (wrapped.length !== WRAPPED_BYTES || wrapped[0] !== FORMAT_VERSION) {
    throw refused('the wrapped key has an unknown format');
  }
  const key = openGcm(
    root.key,
    wrapped.subarray(1, KEY_AT),
    wrappedKeyAad(root.id, context),
    wrapped.subarray(KEY_AT, TAG_AT),
    wrapped.subarray(TAG_AT),
  );
  if (key === undefined)
    throw refused('the wrapped key was altered or belongs to another root key, tenant or version');
  return key;
};

const refused = (message: string): RingfenceError =>
  new RingfenceError('envelope_refused', message, {
    fix: 'restore the tenant key from a backup of the control database',
  });
