import iconv from 'iconv-lite';

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
export interface WesternText {
  add(bytes: Buffer): void;
  isLikely(): boolean;
}

export const westernText = (): WesternText => {
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
