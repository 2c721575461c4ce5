import { createHmac, timingSafeEqual } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { createFile, replaceFile } from '../../core/files/whole-file.js';
import { KEY_BYTES } from './key-root.js';

/** A root key of a keyring, open in memory. */
export interface KeyringRoot {
  /** `local/<cell>/<uuid>` */
  readonly id: string;
  readonly key: Buffer;
}

const KEYRING = { mode: 0o600, durable: true } as const;
const RESTORE = 'restore the keyring from its copy; its keys cannot be made again';

const schema = z.strictObject({
  format: z.literal('ringfence-keyring'),
  version: z.literal(1),
  cell: z.string(),
  roots: z.array(z.strictObject({ id: z.string(), key: z.base64(), check: z.hex() })),
});

/**
 * Reads `<folder>/<cell>.json` (docs/formats.md, keyring file).
 *
 * @returns undefined when there is no file.
 * @throws keyring_invalid when it is damaged, another cell's, or open to others than its owner.
 */
export const readKeyring = async (
  path: string,
  cell: string,
): Promise<readonly KeyringRoot[] | undefined> => {
  const text = await readOwnerOnly(path);
  if (text === undefined) return undefined;
  let parsed: z.infer<typeof schema>;
  try {
    parsed = schema.parse(JSON.parse(text));
  } catch {
    // The parser's own message may quote the file, and the file holds keys.
    throw invalid(`the keyring of cell ${cell} is damaged`, RESTORE);
  }
  if (parsed.cell !== cell) throw invalid(`the keyring of cell ${cell} belongs to another cell`, RESTORE);
  return parsed.roots.map((root) => {
    const key = Buffer.from(root.key, 'base64');
    const check = Buffer.from(root.check, 'hex');
    const expected = keyCheck({ id: root.id, key });
    if (key.length !== KEY_BYTES || check.length !== expected.length || !timingSafeEqual(check, expected)) {
      throw invalid(`a key in the keyring of cell ${cell} is damaged`, RESTORE);
    }
    return { id: root.id, key };
  });
};

/**
 * Writes a keyring, whole or not at all, mode 0600. With `exclusive` the first writer wins.
 *
 * @returns false when `exclusive` and the file was there already.
 */
export const writeKeyring = (
  path: string,
  keyring: { readonly cell: string; readonly roots: readonly KeyringRoot[] },
  exclusive: boolean,
): boolean => {
  const roots = keyring.roots.map(({ id, key }) => ({
    id,
    key: key.toString('base64'),
    check: keyCheck({ id, key }).toString('hex'),
  }));
  const content = { format: 'ringfence-keyring', version: 1, cell: keyring.cell, roots };
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const text = `${JSON.stringify(content, undefined, 2)}\n`;
    if (exclusive) return createFile(path, text, KEYRING);
    replaceFile(path, text, KEYRING);
    return true;
  } catch (error) {
    throw translate(error, path);
  }
};

const readOwnerOnly = async (path: string): Promise<string | undefined> => {
  try {
    const file = await open(path, 'r');
    try {
      const { mode } = await file.stat();
      if ((mode & 0o077) !== 0) {
        throw invalid(`the keyring ${path} can be read by others than its owner`, `chmod 600 ${path}`);
      }
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw translate(error, path);
  }
};

const keyCheck = ({ id, key }: KeyringRoot): Buffer =>
  createHmac('sha256', key).update(`ringfence/keyring/v1${id}`).digest().subarray(0, 16);

const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const translate = (error: unknown, path: string): unknown => {
  if (error instanceof RingfenceError) return error;
  if (isErrno(error, 'ENOSPC') || isErrno(error, 'EDQUOT')) {
    return new RingfenceError('disk_full', `no space left to write the keyring ${path}`, { cause: error });
  }
  if (isErrno(error, 'EACCES') || isErrno(error, 'EPERM') || isErrno(error, 'EROFS')) {
    const fix = 'run as the owner of the keyring';
    return new RingfenceError('permission_denied', `the keyring ${path} may not be opened`, {
      fix,
      cause: error,
    });
  }
  return new RingfenceError('keyring_invalid', `the keyring ${path} is not usable`, {
    fix: RESTORE,
    cause: error,
  });
};

const invalid = (message: string, fix: string): RingfenceError =>
  new RingfenceError('keyring_invalid', message, { fix });
