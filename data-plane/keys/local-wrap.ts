import { createCipheriv, createDecipheriv } from 'node:crypto';
import { RingfenceError } from '../../tenants/errors.js';
import { type EncryptionContext, wrappedKeyAad } from './encryption-context.js';
import { KEY_BYTES } from './key-root.js';
import type { KeyringRoot } from './keyring-file.js';

const FORMAT_VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
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
    throw new RingfenceError('envelope_refused', `A key to wrap has ${KEY_BYTES} bytes, not ${key.length}`);
  }
  const cipher = createCipheriv('aes-256-gcm', root.key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(wrappedKeyAad(root.id, context));
  const encrypted = Buffer.concat([cipher.update(key), cipher.final()]);
  return Buffer.concat([Buffer.from([FORMAT_VERSION]), iv, encrypted, cipher.getAuthTag()]);
};

/** @throws RingfenceError envelope_refused when altered, or wrapped under another root or context. */
export const unwrapLocally = (root: KeyringRoot, wrapped: Buffer, context: EncryptionContext): Buffer => {
  if (wrapped.length !== WRAPPED_BYTES || wrapped[0] !== FORMAT_VERSION) {
    throw refused('The wrapped key has an unknown format');
  }
  const decipher = createDecipheriv('aes-256-gcm', root.key, wrapped.subarray(1, KEY_AT), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(wrappedKeyAad(root.id, context));
  decipher.setAuthTag(wrapped.subarray(TAG_AT));
  const key = decipher.update(wrapped.subarray(KEY_AT, TAG_AT));
  try {
    decipher.final();
    return key;
  } catch {
    key.fill(0);
    throw refused('The wrapped key was altered or belongs to another root key, tenant or version');
  }
};

const refused = (message: string): RingfenceError =>
  new RingfenceError('envelope_refused', message, {
    fix: 'Restore the tenant key from a backup of the control database.',
  });
