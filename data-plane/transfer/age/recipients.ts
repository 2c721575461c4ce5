import { readFileSync } from 'node:fs';
import { ReadableStream } from 'node:stream/web';
import { Encrypter } from 'age-encryption';
import { RingfenceError } from '../../../core/errors.js';

/** Whom a file is sealed to. */
export interface Recipients {
  /** Public keys, `age1...`, each once. */
  readonly keys: readonly string[];
  readonly encrypter: Encrypter;
}

interface Given {
  /** Where it was given, for messages; what was given is never repeated, since it could be a secret. */
  readonly from: string;
  readonly text: string;
}

/** A native X25519 recipient (age-encryption.org/v1): 32 bytes in Bech32. */
const X25519 = /^age1[0-9a-z]{58}$/;

/**
 * @param keys public keys.
 * @param files with one public key a line; empty lines and such that begin with `#` do not count, as for `age -R`.
 * @returns undefined when there is neither.
 * @throws RingfenceError usage for anything that is no X25519 public key, a secret key above all, and for a file that
 *   has none or is not there.
 */
export const readRecipients = async (
  keys: readonly string[],
  files: readonly string[],
): Promise<Recipients | undefined> => {
  const given = [...keys.map((text): Given => ({ from: 'the recipient', text })), ...files.flatMap(linesOf)];
  if (given.length === 0) return undefined;
  const encrypter = new Encrypter();
  const taken = new Set<string>();
  for (const one of given) {
    await assertRecipient(one);
    if (taken.has(one.text)) continue;
    taken.add(one.text);
    encrypter.addRecipient(one.text);
  }
  return { keys: [...taken], encrypter };
};

const linesOf = (path: string): Given[] => {
  const lines = textOf(path)
    .split('\n')
    .map((line, at): Given => ({ from: `${path}:${at + 1}`, text: line.trim() }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'));
  if (lines.length === 0) throw new RingfenceError('usage', `${path} has no recipient`);
  return lines;
};

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new RingfenceError('usage', `${path} cannot be read`, { cause: error });
  }
};

const assertRecipient = async ({ from, text }: Given): Promise<void> => {
  if (/age-secret-key/i.test(text)) {
    throw new RingfenceError('usage', `${from} is a SECRET key, which opens files and is nobody else’s`, {
      fix: 'give its public key, which `age-keygen -y <file>` prints; a secret key that was typed into a command is in its history: make a new one',
    });
  }
  if (!X25519.test(text) || !(await seals(text))) {
    throw new RingfenceError('usage', `${from} is no public key of age`, {
      fix: 'a public key is age1 and 58 more letters and digits; `age-keygen` makes one; other kinds (SSH, plugins, post-quantum) are not taken',
    });
  }
};

/** Whether its checksum is right and it is a point that something can be sealed to. */
const seals = async (key: string): Promise<boolean> => {
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(key);
    await encrypter.encrypt('');
    return true;
  } catch {
    return false;
  }
};

/** Bytes as an age file of them, as fast as they are taken. */
export async function* seal(
  { encrypter }: Recipients,
  bytes: NodeJS.ReadableStream,
): AsyncGenerator<Uint8Array> {
  // Node's own declaration of the class differs from the browsers', which the library's types name.
  const stream: unknown = ReadableStream.from(bytes);
  yield* await encrypter.encrypt(stream as globalThis.ReadableStream<Uint8Array>);
}
