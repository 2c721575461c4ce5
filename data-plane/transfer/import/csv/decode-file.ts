import iconv from 'iconv-lite';
import type { ImportSource } from '../source/source.js';
import type { Encoding } from './encodings.js';

/** The text of a file as it comes, without its byte order mark. A byte that the encoding has not is U+FFFD. */
export async function* decodeFile(
  source: ImportSource,
  path: string,
  encoding: Encoding,
): AsyncGenerator<string> {
  const decoder = iconv.getDecoder(encoding);
  let isStart = true;
  const begun = (text: string): string => {
    const isMarked = isStart && text.startsWith('\ufeff');
    isStart = isStart && text === '';
    return isMarked ? text.slice(1) : text;
  };
  for await (const bytes of source.read(path)) yield begun(decoder.write(bytes));
  yield begun(decoder.end() ?? '');
}
