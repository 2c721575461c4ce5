/** Encodings of text that a CSV file may have, by the names of the WHATWG or, for those of DOS, of IANA. */
export const ENCODINGS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1256',
  'iso-8859-1',
  'iso-8859-15',
  'macintosh',
  'cp437',
  'cp850',
] as const;

export type Encoding = (typeof ENCODINGS)[number];
