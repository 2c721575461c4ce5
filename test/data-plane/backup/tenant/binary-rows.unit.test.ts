import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepRows } from '../../../../data-plane/backup/tenant/binary-rows.js';

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const END = Buffer.from([0xff, 0xff]);

type Field = Uint8Array | null;

const encodeRow = (row: readonly Field[]): Buffer => {
  const count = Buffer.alloc(2);
  count.writeInt16BE(row.length);
  const fields = row.flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(field === null ? -1 : field.length);
    return field === null ? [length] : [length, field];
  });
  return Buffer.concat([count, ...fields]);
};

const encode = (rows: readonly (readonly Field[])[]): Buffer =>
  Buffer.concat([HEADER, ...rows.map(encodeRow), END]);

/** The bytes cut at some places. */
async function* cutAt(bytes: Buffer, places: readonly number[]) {
  const cuts = [...new Set(places.map((place) => place % bytes.length)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const cut of cuts) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
}

const read = async (
  bytes: Buffer,
  fields: number,
  keep: (first: Buffer | null) => boolean,
  places: readonly number[] = [],
): Promise<Buffer> => {
  const parts: Buffer[] = [];
  const rows = keepRows({ name: 'a.b', fields, bytes: cutAt(bytes, places) }, (row) => {
    const [start = 0, length = 0] = [row.starts[0], row.lengths[0]];
    return keep(length < 0 ? null : row.bytes.subarray(start, start + length));
  });
  for await (const part of rows) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
};

const field = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: null });
const tables = fc
  .integer({ min: 1, max: 5 })
  .chain((fields) => fc.array(fc.array(field, { minLength: fields, maxLength: fields }), { maxLength: 30 }));

describe('Rows of COPY BINARY', () => {
  it('pass when they are kept, however the bytes were cut', async () => {
    await fc.assert(
      fc.asyncProperty(tables, fc.array(fc.nat()), fc.nat(3), async (rows, places, kind) => {
        const isKept = (first: Uint8Array | null) => kind === 0 || (first?.length ?? 7) % (kind + 1) === 0;
        const kept = rows.filter(([first = null]) => isKept(first));
        expect(await read(encode(rows), rows[0]?.length ?? 1, isKept, places)).toEqual(encode(kept));
      }),
      { numRuns: 500 },
    );
  });

  it('pass when they are larger than the parts that they come in', async () => {
    const rows = [[Buffer.alloc(100_000, 1)], [null], [Buffer.alloc(70_000, 2)]];
    const places = Array.from({ length: 40 }, (_, at) => at * 5_000);
    expect(await read(encode(rows), 1, () => true, places)).toEqual(encode(rows));
  });

  const whole = encode([[Buffer.from('one'), null]]);
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no header', whole.subarray(HEADER.length)],
    [
      'a header of another version',
      Buffer.concat([HEADER.subarray(0, 15), Buffer.from([1, 0, 0, 0]), whole.subarray(19)]),
    ],
    ['no end', whole.subarray(0, -2)],
    ['half a row', Buffer.concat([whole.subarray(0, -6), END])],
    ['something behind the end', Buffer.concat([whole, Buffer.from([0])])],
    ['a row of three columns', Buffer.concat([HEADER, encodeRow([null, null, null]), END])],
    ['a length of minus two', Buffer.concat([HEADER, Buffer.from([0, 2, 255, 255, 255, 254]), END])],
  ])('are refused with %s', async (_, bytes) => {
    for (const places of [[], [1, 5, 9, 13, 17, 21, 23, 25]])
      await expect(read(bytes, 2, () => true, bytes.length > 0 ? places : [])).rejects.toMatchObject({
        code: 'backup_refused',
        message: expect.stringContaining('section a.b does not load'),
      });
  });
});
