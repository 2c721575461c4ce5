import { statSync } from 'node:fs';
import { Decrypter } from 'age-encryption';
import { RingfenceError } from '../../../core/errors.js';
import { readSecretFile } from '../../../core/files/secret-file.js';

/**
 * The secret keys of a file as `age-keygen` writes it: one a line; empty lines and such that begin with `#` do not count.
 *
 * @throws RingfenceError usage for a file that is not there, has none, or has something else; permission_denied for one
 *   that others may read.
 */
export const readIdentities = (path: string): Decrypter => {
  const lines = secretText(path)
    .split('\n')
    .map((text, at) => ({ text: text.trim(), line: at + 1 }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'));
  const first = lines[0]?.text ?? '';
  if (first.startsWith('age-encryption.org/') || first.startsWith('-----BEGIN AGE ENCRYPTED'))
    throw new RingfenceError('usage', `${path} is encrypted itself`, {
      fix: `decrypt it on the way: --identity-file <(age -d ${path})`,
    });
  if (lines.length === 0) throw new RingfenceError('usage', `${path} has no secret key`);
  const decrypter = new Decrypter();
  for (const { text, line } of lines) {
    try {
      decrypter.addIdentity(text);
    } catch {
      // The library's message may repeat what it was given.
      throw new RingfenceError('usage', `${path}:${line} is no secret key of age`, {
        fix: text.startsWith('age1')
          ? 'that is a public key, which only seals; give the file that age-keygen made with it'
          : 'a secret key begins with AGE-SECRET-KEY-1; other kinds (SSH, plugins) are not taken',
      });
    }
  }
  return decrypter;
};

const secretText = (path: string): string => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new RingfenceError('usage', `there is no ${path}`);
  if (found.isDirectory()) throw new RingfenceError('usage', `${path} is a folder`);
  return readSecretFile(path) ?? '';
};
