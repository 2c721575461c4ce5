import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, describe, expect, it } from 'vitest';
import { isSealedFile, openSealedFile } from '../../../../data-plane/transfer/age/sealed-file.js';

const CHUNK = 65_536;

const vectors = JSON.parse(readFileSync(new URL('./age.vectors.json', import.meta.url), 'utf8')) as {
  identity: string;
  files: { plain: string; sealed: string }[];
};

const folder = mkdtempSync(join(tmpdir(), 'ringfence-sealed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = await generateIdentity();
const decrypter = (identity: string): Decrypter => {
  const made = new Decrypter();
  made.addIdentity(identity);
  return made;
};

const sealed = async (plain: Uint8Array, recipients = 1): Promise<Buffer> => {
  const encrypter = new Encrypter();
  for (let more = 1; more < recipients; more += 1)
    encrypter.addRecipient(await identityToRecipient(await generateIdentity()));
  encrypter.addRecipient(await identityToRecipient(secret));
  return Buffer.from(await encrypter.encrypt(plain));
};

const file = (bytes: Uint8Array): string => {
  const path = join(folder, `${Math.random()}.age`);
  writeFileSync(path, bytes);
  return path;
};

const read = async (path: string, start?: number, end?: number, key = secret): Promise<Buffer> => {
  const opened = await openSealedFile(path, decrypter(key));
  try {
    const parts: Buffer[] = [];
    for await (const part of opened.read(start ?? 0, end ?? opened.bytes)) parts.push(part);
    return Buffer.concat(parts);
  } finally {
    await opened.close();
  }
};

describe('A sealed file', () => {
  it.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17])(
    'of %i bytes gives any range of them',
    async (length) => {
      const plain = randomBytes(length);
      const path = file(await sealed(plain, 3));
      expect(isSealedFile(path)).toBe(true);
      expect((await read(path)).equals(plain)).toBe(true);
      for (const edge of [0, CHUNK - 1, CHUNK, CHUNK + 1, length - 22].filter(
        (at) => at >= 0 && at <= length,
      )) {
        const end = Math.min(length, edge + CHUNK + 2);
        expect((await read(path, edge, end)).equals(plain.subarray(edge, end)), `from ${edge}`).toBe(true);
      }
    },
  );

  it('that age made is read', async () => {
    for (const { plain, sealed: bytes } of vectors.files) {
      const path = file(Buffer.from(bytes, 'base64'));
      expect((await read(path, undefined, undefined, vectors.identity)).toString()).toBe(plain);
    }
  });

  it('is refused when a byte of it is another, wherever it is', async () => {
    const good = await sealed(randomBytes(2 * CHUNK + 100));
    const header = good.indexOf('\n--- ') + 5;
    const places = [
      0,
      30,
      header,
      header + 45,
      header + 60,
      header + 70_000,
      good.length - 100,
      good.length - 1,
    ];
    for (const at of places) {
      const bytes = Buffer.from(good);
      bytes.writeUInt8((bytes.readUInt8(at) ^ 1) & 0xff, at);
      await expect(read(file(bytes)), `byte ${at}`).rejects.toThrow();
    }
  });

  it('is refused when something is missing or added, at chunks’ ends too', async () => {
    const good = await sealed(randomBytes(2 * CHUNK));
    const start = good.length - 2 * (CHUNK + 16);
    const second = start + CHUNK + 16;
    for (const length of [0, 10, 200, start - 1, start, start + 15, second, second + 16, good.length - 1])
      await expect(read(file(good.subarray(0, length))), `${length} bytes`).rejects.toThrow();
    await expect(read(file(Buffer.concat([good, Buffer.alloc(1)])))).rejects.toThrow();
    await expect(read(file(Buffer.concat([good, good.subarray(second)])))).rejects.toThrow();
    const swapped = Buffer.concat([
      good.subarray(0, start),
      good.subarray(second),
      good.subarray(start, second),
    ]);
    await expect(read(file(swapped))).rejects.toThrow();
    const endless = Buffer.concat([Buffer.from('age-encryption.org/v1\n'), Buffer.alloc(1_000_000, 0x61)]);
    await expect(read(file(endless))).rejects.toThrow('no end of the header');
  });

  it('is not opened by another key', async () => {
    const path = file(await sealed(Buffer.from('x')));
    await expect(openSealedFile(path, decrypter(await generateIdentity()))).rejects.toThrow(
      'no identity matched',
    );
  });
});
