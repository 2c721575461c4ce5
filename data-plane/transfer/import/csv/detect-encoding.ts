import iconv from 'iconv-lite';
import type { ImportSource } from '../source/source.js';
import type { Encoding } from './encodings.js';

/**
 * What no western European text has. Where a file is in another encoding (MacRoman, DOS, Windows for Polish, Turkish, Greek,
 * Cyrillic or Arabic), its letters read as such signs in Windows-1252, or as rows of accented letters.
 */
const UNUSUAL = /[^\p{ASCII}\u00a0¡¿ªº·´°«»§€À-ÖØ-öø-ÿ‘’“”–—…]|[ÐÞðþ]/u;
const ROW = /[À-ÖØ-öø-ÿ]{3}/u;
const WITHIN_WORD = /\p{L}[¡¿´°«»§€“”–—…]\p{L}/u;
const UTF_8 = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}/;

const LONGEST_SIGN_BYTES = 3;

/** Collects whether bytes read as western European text in Windows-1252, and as nothing else. */
interface WesternText {
  add(bytes: Buffer): void;
  isLikely(): boolean;
}

const westernText = (): WesternText => {
  let isLikely = true;
  let before = Buffer.alloc(0);
  return {
    add: (part) => {
      if (!isLikely) return;
      const bytes = Buffer.concat([before, part]);
      before = bytes.subarray(-LONGEST_SIGN_BYTES + 1);
      const text = iconv.decode(bytes, 'windows-1252');
      const isPartlyUtf8 = UTF_8.test(bytes.toString('latin1'));
      isLikely = !(isPartlyUtf8 || [UNUSUAL, ROW, WITHIN_WORD].some((sign) => sign.test(text)));
    },
    isLikely: () => isLikely,
  };
};

/** How a file is read, or why that cannot be told. */
export type DetectedEncoding = { readonly encoding: Encoding } | { readonly fault: string };

/** Of each two bytes of UTF-16, one is 0 in separators, digits and line ends. */
const UTF_16_ZEROS_SHARE = 0.05;
const SAMPLE_BYTES = 64 * 1024;

/**
 * Reads a file through and tells its encoding: by its byte order mark; as the mapping says; UTF-16 by its zero bytes;
 * UTF-8 where every byte is of it; Windows-1252 where the rest reads as western European text. Nothing else is guessed.
 *
 * @param declared what the mapping says.
 */
export const detectEncoding = async (
  source: ImportSource,
  path: string,
  declared: Encoding | undefined,
): Promise<DetectedEncoding> => {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const western = westernText();
  let isUtf8 = true;
  let sample = Buffer.alloc(0);
  let bytes = 0;
  for await (const part of source.read(path)) {
    bytes += part.length;
    if (sample.length < SAMPLE_BYTES) sample = Buffer.concat([sample, part]).subarray(0, SAMPLE_BYTES);
    isUtf8 = isUtf8 && decodes(() => utf8.decode(part, { stream: true }));
    western.add(part);
  }
  const told = markOf(sample);
  if (told !== undefined && declared !== undefined && told !== declared)
    return {
      fault: `begins with the mark of ${told}, and the mapping says ${declared}: correct \`encoding\``,
    };
  const encoding = told ?? declared ?? utf16Of(sample);
  if (encoding?.startsWith('utf-16') && bytes % 2 === 1)
    return { fault: `is ${encoding} and ends within a character: export it again` };
  isUtf8 = isUtf8 && decodes(() => utf8.decode());
  if (encoding === 'utf-8' && !isUtf8)
    return {
      fault: 'has bytes that are not UTF-8: export it again, or say the right `encoding` in the mapping',
    };
  if (encoding !== undefined) return { encoding };
  if (isUtf8) return { encoding: 'utf-8' };
  return western.isLikely() ? { encoding: 'windows-1252' } : { fault: UNKNOWN };
};

const UNKNOWN =
  'is not UTF-8, and its encoding cannot be told: say `encoding` in the mapping, windows-1252 for western Europe, windows-1256 for Arabic, cp850 for DOS, or export the file as UTF-8';

const decodes = (decode: () => unknown): boolean => {
  try {
    decode();
    return true;
  } catch {
    return false;
  }
};

const markOf = (sample: Buffer): Encoding | undefined => {
  const hex = sample.subarray(0, 3).toString('hex');
  if (hex === 'efbbbf') return 'utf-8';
  if (hex.startsWith('fffe')) return 'utf-16le';
  return hex.startsWith('feff') ? 'utf-16be' : undefined;
};

/** Where zeros are only the first or only the second of each two bytes, and lines end in UTF-16. */
const utf16Of = (sample: Buffer): Encoding | undefined => {
  const zeros = [0, 0];
  for (const [at, byte] of sample.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (Math.min(even, odd) > 0 || even + odd < (sample.length / 2) * UTF_16_ZEROS_SHARE) return undefined;
  const encoding = odd > 0 ? 'utf-16le' : 'utf-16be';
  return /[\r\n]/.test(iconv.decode(sample, encoding)) ? encoding : undefined;
};

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
