import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { Recipients } from '../age/recipients.js';
import { seal } from '../age/recipients.js';

type Parts = AsyncIterable<string> | Iterable<string>;

/** A zip that is written as its files come, one after another. */
export interface ZipWriter {
  /** @returns when the parts are read; they are read at the speed of the disk. */
  add(path: string, parts: Parts): Promise<void>;
}

interface ZipOptions {
  readonly path: string;
  /** Of every file in it. */
  readonly modifiedAt: Date;
  /** The zip is sealed on its way to the disk. */
  readonly sealTo?: Recipients;
}

/**
 * Writes a zip to `path`, of mode 0600 and flushed to the disk, and last of it SHA256SUMS over all its files.
 * @returns the size of what was written in bytes.
 */
export const writeZip = async (
  { path, modifiedAt, sealTo }: ZipOptions,
  fill: (zip: ZipWriter) => Promise<void>,
): Promise<number> => {
  const zip = new ZipFile();
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  const written =
    sealTo === undefined
      ? pipeline(zip.outputStream, file)
      : pipeline(zip.outputStream, (bytes) => seal(sealTo, bytes), file);
  const broken = written.then(() => new Promise<never>(() => undefined));
  broken.catch(() => undefined);
  const sums: string[] = [];
  const add = async (name: string, parts: Parts): Promise<void> => {
    const hash = createHash('sha256');
    const source = Readable.from(hashed(parts, hash), { objectMode: false });
    zip.addReadStream(source, name, { mtime: modifiedAt, mode: 0o100600 });
    try {
      await Promise.race([finished(source), broken]);
    } catch (error) {
      source.destroy();
      throw error;
    }
    sums.push(`${hash.digest('hex')}  ${name}\n`);
  };
  try {
    await fill({ add });
    await add('SHA256SUMS', [sums.join('')]);
    zip.end();
    await written;
    return file.bytesWritten;
  } catch (error) {
    // Destroying the file alone would leave what seals waiting for more.
    (zip.outputStream as Readable).destroy();
    file.destroy();
    await written.catch(() => undefined);
    throw error;
  }
};

async function* hashed(parts: Parts, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const part of parts) {
    const bytes = Buffer.from(part, 'utf8');
    hash.update(bytes);
    yield bytes;
  }
}
