import { refused } from '../archive/refused.js';

/** `COPY ... (FORMAT BINARY)`: PostgreSQL 18, COPY, "Binary Format". */
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const HEADER_BYTES = SIGNATURE.length + 8;
const COUNT_BYTES = 2;
const LENGTH_BYTES = 4;
const END = -1;
/** Of the next part this much is joined to a row that was cut, to save copying the whole part. */
const JOIN_BYTES = 16 * 1024;
/** More pieces than this are worth copying into one. */
const PIECES_MAX = 4;

/** The row that a reader of rows stands at; the next one overwrites it. */
export interface BinaryRow {
  readonly bytes: Buffer;
  /** The start of each field's value in `bytes`. */
  readonly starts: Int32Array;
  /** Of each field; -1 for NULL. */
  readonly lengths: Int32Array;
}

/** Rows that were copied from somewhere. */
export interface CopiedRows {
  /** For messages. */
  readonly name: string;
  /** The number of columns of each row. */
  readonly fields: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Passes on the rows for which `keep` holds, still as COPY BINARY, and looks at no value itself. Holds one part of the
 * source and one row.
 *
 * @throws RingfenceError backup_refused for bytes that COPY does not write; what `keep` throws.
 */
export async function* keepRows(
  { name, fields, bytes }: CopiedRows,
  keep: (row: BinaryRow) => boolean,
): AsyncGenerator<Buffer> {
  const walker = rowWalker(name, fields, keep);
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of bytes) {
    const pieces: Buffer[] = [];
    let next = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    if (rest.length > 0) {
      const joined = Buffer.concat([rest, next.subarray(0, JOIN_BYTES)]);
      const walked = walker.walk(joined, pieces);
      next =
        walked >= rest.length
          ? next.subarray(walked - rest.length)
          : Buffer.concat([joined.subarray(walked), next.subarray(JOIN_BYTES)]);
    }
    rest = next.subarray(walker.walk(next, pieces));
    if (pieces.length > PIECES_MAX) yield Buffer.concat(pieces);
    else yield* pieces;
  }
  if (!walker.ended()) throw malformed(name);
}

/** Goes over bytes that begin where it stopped before. */
interface RowWalker {
  /** Adds what is kept, in as few pieces as it lies in. @returns how many bytes it went over; a row that is cut stays. */
  walk(bytes: Buffer, pieces: Buffer[]): number;
  ended(): boolean;
}

const rowWalker = (name: string, fields: number, keep: (row: BinaryRow) => boolean): RowWalker => {
  const [starts, lengths] = [new Int32Array(fields), new Int32Array(fields)];
  let begun = false;
  let ended = false;
  return {
    walk(bytes, pieces) {
      const row = { bytes, starts, lengths };
      let at = 0;
      let keptFrom = 0;
      if (!begun) {
        if (bytes.length < HEADER_BYTES) return 0;
        assertHeader(bytes, name);
        begun = true;
        at = HEADER_BYTES;
      }
      while (!ended && bytes.length - at >= COUNT_BYTES) {
        const count = bytes.readInt16BE(at);
        if (count === END) {
          ended = true;
          at += COUNT_BYTES;
          break;
        }
        if (count !== fields) throw malformed(name);
        const next = readFields(row, at + COUNT_BYTES, name);
        if (next === undefined) break;
        if (!keep(row)) {
          if (keptFrom < at) pieces.push(bytes.subarray(keptFrom, at));
          keptFrom = next;
        }
        at = next;
      }
      if (ended && at < bytes.length) throw malformed(name);
      if (keptFrom < at) pieces.push(bytes.subarray(keptFrom, at));
      return at;
    },
    ended: () => ended,
  };
};

/** Finds the fields of a row whose first one starts at `at`. @returns where the next row starts; undefined when cut. */
const readFields = ({ bytes, starts, lengths }: BinaryRow, at: number, name: string): number | undefined => {
  const end = bytes.length;
  let next = at;
  for (let field = 0; field < starts.length; field++) {
    if (end - next < LENGTH_BYTES) return undefined;
    const length = bytes.readInt32BE(next);
    if (length < -1) throw malformed(name);
    starts[field] = next + LENGTH_BYTES;
    lengths[field] = length;
    next += LENGTH_BYTES + Math.max(0, length);
  }
  return next > end ? undefined : next;
};

/** No flag and no extension of the header exists so far. */
const assertHeader = (bytes: Buffer, name: string): void => {
  const isHeader =
    bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE) && bytes.readBigInt64BE(SIGNATURE.length) === 0n;
  if (!isHeader) throw malformed(name);
};

const malformed = (name: string) => refused(`section ${name} does not load: its bytes are no rows`);
