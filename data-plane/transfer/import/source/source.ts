import { RingfenceError } from '../../../../core/errors.js';

/** What an import reads: files by relative path, from a zip, a folder, or a single file. */
export interface ImportSource {
  /** Paths with `/`, and sizes in bytes. */
  readonly files: ReadonlyMap<string, number>;
  /** @throws RingfenceError import_refused for a file that is damaged or not as large as the source says. */
  read(path: string): AsyncIterable<Buffer>;
  close(): void;
}

/** A file that is read whole is not larger. */
const WHOLE_FILE_BYTES = 16 * 1024 * 1024;

/** @throws RingfenceError import_refused for a file that is not there, too large, or not UTF-8. */
export const readText = async (source: ImportSource, path: string): Promise<string> => {
  const bytes = source.files.get(path);
  if (bytes === undefined) throw refused(`there is no ${path}`);
  if (bytes > WHOLE_FILE_BYTES)
    throw refused(`${path} has ${bytes} bytes; at most ${WHOLE_FILE_BYTES} are allowed`);
  const parts: Buffer[] = [];
  for await (const part of source.read(path)) parts.push(part);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch (error) {
    throw refused(`${path} is not UTF-8`, error);
  }
};

/** The text of a file as it comes. @throws RingfenceError import_refused for one that is not UTF-8. */
export async function* decodedText(source: ImportSource, path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Buffer): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (error) {
      throw refused(`${path} is not UTF-8`, error);
    }
  };
  for await (const bytes of source.read(path)) yield decode(bytes);
  yield decode();
}

/** Something that no export and no honest folder has. Nothing was written. */
export const refused = (what: string, cause?: unknown): RingfenceError =>
  new RingfenceError('import_refused', `the import is refused: ${what}`, {
    fix: 'take a new export, and bring it here unchanged',
    ...(cause === undefined ? {} : { cause }),
  });

/** A path that stays below its folder, in parts that hold no control characters and do not begin with a dot. */
export const isPlainPath = (path: string): boolean =>
  path.length <= 512 &&
  path.split('/').every((part) => part !== '' && !part.startsWith('.') && !/[\\:\p{Cc}\p{Cs}]/u.test(part));
