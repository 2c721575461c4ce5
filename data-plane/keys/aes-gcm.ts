import { createCipheriv, createDecipheriv } from 'node:crypto';

export const IV_BYTES = 12;
/** Node accepts tags of 4 bytes unless it is told the length. */
export const TAG_BYTES = 16;

/** AES-256-GCM. @param iv 12 bytes, never used before with this key. */
export const sealGcm = (
  key: Buffer,
  iv: Buffer,
  additionalData: Buffer,
  data: string | Buffer,
): { encrypted: Buffer; tag: Buffer } => {
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData);
  const encrypted = typeof data === 'string' ? cipher.update(data, 'utf8') : cipher.update(data);
  cipher.final();
  return { encrypted, tag: cipher.getAuthTag() };
};

/** The data once its tag is verified, else undefined. @throws TypeError for a tag of another length than 16 bytes. */
export const openGcm = (
  key: Buffer,
  iv: Buffer,
  additionalData: Buffer,
  encrypted: Buffer,
  tag: Buffer,
): Buffer | undefined => {
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData);
  decipher.setAuthTag(tag);
  const data = decipher.update(encrypted);
  try {
    decipher.final();
    return data;
  } catch {
    data.fill(0);
    return undefined;
  }
};
