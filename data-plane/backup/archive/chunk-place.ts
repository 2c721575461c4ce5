import { createHash } from 'node:crypto';
import { refused } from './refused.js';

/** The place of bytes of a section: in one data record of an archive of the same tenant. */
export interface ChunkPlace {
  /** The archive that holds them. */
  readonly backupId: string;
  /** Of the record there. */
  readonly startByte: number;
  readonly record: number;
  /** In the record's content once it is decompressed. */
  readonly offset: number;
  readonly length: number;
}

/** A chunk of a section, and where it lies. */
export interface IndexedChunk {
  /** The first 16 bytes of its SHA-256, hex. */
  readonly id: string;
  readonly place: ChunkPlace;
}

const ID_BYTES = 16;
const PLACE_BYTES = 34;
const ENTRY_BYTES = ID_BYTES + PLACE_BYTES;

/**
 * Whoever finds two chunks with one id (2^64 work) puts a wrong chunk into their own tenant's next backup, whose section
 * then has not its digest: it is never verified.
 */
export const chunkId = (chunk: Buffer): string =>
  createHash('sha256')
    .update(chunk)
    .digest('hex')
    .slice(0, ID_BYTES * 2);

export const encodePlace = ({ backupId, startByte, record, offset, length }: ChunkPlace): Buffer => {
  const bytes = Buffer.alloc(PLACE_BYTES);
  bytes.write(backupId.replaceAll('-', ''), 0, 'hex');
  bytes.writeUIntBE(startByte, 16, 6);
  bytes.writeUInt32BE(record, 22);
  bytes.writeUInt32BE(offset, 26);
  bytes.writeUInt32BE(length, 30);
  return bytes;
};

/** @throws RingfenceError backup_refused */
export const decodePlace = (bytes: Buffer): ChunkPlace => {
  if (bytes.length !== PLACE_BYTES) throw refused('a reference is malformed');
  const id = bytes.toString('hex', 0, 16);
  const place = {
    backupId: [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-'),
    startByte: bytes.readUIntBE(16, 6),
    record: bytes.readUInt32BE(22),
    offset: bytes.readUInt32BE(26),
    length: bytes.readUInt32BE(30),
  };
  if (place.length === 0) throw refused('a reference is malformed');
  return place;
};

/** The content of an index record. */
export const encodeIndex = (chunks: readonly IndexedChunk[]): Buffer =>
  Buffer.concat(chunks.flatMap(({ id, place }) => [Buffer.from(id, 'hex'), encodePlace(place)]));

/** @throws RingfenceError backup_refused */
export const decodeIndex = (content: Buffer): IndexedChunk[] => {
  if (content.length === 0 || content.length % ENTRY_BYTES !== 0) throw refused('its index is malformed');
  return Array.from({ length: content.length / ENTRY_BYTES }, (_, n) => {
    const entry = content.subarray(n * ENTRY_BYTES, (n + 1) * ENTRY_BYTES);
    return { id: entry.toString('hex', 0, ID_BYTES), place: decodePlace(entry.subarray(ID_BYTES)) };
  });
};

/** At 16 KiB a chunk, deletions of half a gigabyte in one place are found; the memory is bounded. */
const WINDOW_CHUNKS = 32_768;

/**
 * Looks for chunks of a section among those that a backup before had. Both come in the order of the table's key, so a
 * window over the older ones that moves on with every chunk found is enough.
 */
interface KnownChunks {
  find(id: string): Promise<ChunkPlace | undefined>;
}

export const knownChunks = (chunks: AsyncIterable<IndexedChunk>): KnownChunks => {
  const rest = chunks[Symbol.asyncIterator]();
  const window = new Map<string, ChunkPlace>();
  let ended = false;

  const fill = async (): Promise<void> => {
    while (!ended && window.size < WINDOW_CHUNKS) {
      const next = await rest.next();
      if (next.done) ended = true;
      else window.set(next.value.id, next.value.place);
    }
  };

  return {
    async find(id) {
      await fill();
      const place = window.get(id);
      if (place === undefined) return undefined;
      for (const passed of window.keys()) {
        window.delete(passed);
        if (passed === id) break;
      }
      return place;
    },
  };
};
