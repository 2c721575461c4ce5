import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { decodeFile, detectEncoding } from '../../../../data-plane/transfer/import/csv/detect-encoding.js';
import type { Encoding } from '../../../../data-plane/transfer/import/csv/encodings.js';
import type { ImportSource } from '../../../../data-plane/transfer/import/source/source.js';

const SPANISH = 'NHC;Nombre;Teléfono\r\n001;Begoña Núñez;«600»\r\n002;L’Hospitalet – 5 €;ª\r\n';
const ARABIC = 'NHC;Nombre\r\n001;أحمد عبد الله\r\n';

/** One file that comes in parts of some bytes. */
const sourceOf = (bytes: Buffer, partBytes = 7): ImportSource => ({
  files: new Map([['p.csv', bytes.length]]),
  async *read() {
    for (let at = 0; at < bytes.length; at += partBytes) yield bytes.subarray(at, at + partBytes);
  },
  close: () => undefined,
});

const detected = (bytes: Buffer, declared?: Encoding) => detectEncoding(sourceOf(bytes), 'p.csv', declared);
const withMark = (text: string, encoding: string): Buffer => iconv.encode(text, encoding, { addBOM: true });

describe('the encoding of a CSV file', () => {
  it.each<[string, Buffer, Encoding, string]>([
    ['UTF-8', Buffer.from(SPANISH), 'utf-8', SPANISH],
    ['UTF-8 with a mark', withMark(SPANISH, 'utf-8'), 'utf-8', SPANISH],
    ['ASCII', Buffer.from('NHC;Nombre\n1;A\n'), 'utf-8', 'NHC;Nombre\n1;A\n'],
    ['nothing', Buffer.alloc(0), 'utf-8', ''],
    ['UTF-8 with a NUL', Buffer.from('NHC;Nombre\n1;a\0b\n'), 'utf-8', 'NHC;Nombre\n1;a\0b\n'],
    ['UTF-16LE with a mark', withMark(ARABIC, 'utf-16le'), 'utf-16le', ARABIC],
    ['UTF-16BE with a mark', withMark(ARABIC, 'utf-16be'), 'utf-16be', ARABIC],
    ['UTF-16LE', iconv.encode(ARABIC, 'utf-16le'), 'utf-16le', ARABIC],
    ['UTF-16BE', iconv.encode(SPANISH, 'utf-16be'), 'utf-16be', SPANISH],
    ['Windows-1252', iconv.encode(SPANISH, 'windows-1252'), 'windows-1252', SPANISH],
  ])('%s is known', async (_, bytes, encoding, text) => {
    expect(await detected(bytes)).toEqual({ encoding });
    const parts: string[] = [];
    for await (const part of decodeFile(sourceOf(bytes), 'p.csv', encoding)) parts.push(part);
    expect(parts.join('')).toBe(text);
  });

  it.each<[string, Buffer]>([
    ['Arabic of Windows', iconv.encode(ARABIC, 'windows-1256')],
    ['Polish of Windows', iconv.encode('1;Łódź\n', 'windows-1250')],
    ['Turkish of Windows', iconv.encode('1;Işık\n', 'windows-1254')],
    ['Cyrillic', iconv.encode('1;Анна\n', 'windows-1251')],
    ['DOS', iconv.encode('1;Begoña\n', 'cp850')],
    ['old Macs', iconv.encode('1;Begoña\n', 'macintosh')],
    ['UTF-8 with a broken end', Buffer.concat([Buffer.from('1;Núñez\n'), Buffer.from([0xc3])])],
  ])('%s is not guessed', async (_, bytes) => {
    expect(await detected(bytes)).toEqual({ fault: expect.stringMatching(/say `encoding` in the mapping/) });
  });

  it('is what the mapping says, as far as that can be', async () => {
    const dos = iconv.encode('1;Begoña\n', 'cp850');
    expect(await detected(dos, 'cp850')).toEqual({ encoding: 'cp850' });
    expect(await detected(dos, 'utf-8')).toEqual({ fault: expect.stringContaining('not UTF-8') });
    expect(await detected(withMark(ARABIC, 'utf-16le'), 'utf-8')).toEqual({
      fault: expect.stringContaining('mark of utf-16le'),
    });
    expect(await detected(iconv.encode(ARABIC, 'utf-16le').subarray(0, -1))).toEqual({
      fault: expect.stringContaining('ends within a character'),
    });
  });
});
