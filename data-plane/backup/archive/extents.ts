import type { RecordPlace } from './chunk-index.js';
import type { ChunkPlace, IndexedChunk } from './chunk-place.js';

/** Entries of one index record: what there is of it in memory, and what a reader fetches at a time. */
const INDEX_CHUNKS = 4_096;

/** Lays out the chunks of one section: runs of new ones as data, runs of known ones as references, in order. */
export interface ExtentWriter {
  /** @param known where an earlier archive has the same chunk. `chunk` is copied. */
  add(id: string, chunk: Buffer, known: ChunkPlace | undefined): Promise<void>;
  end(): Promise<void>;
}

/** Appends records of the archive whose id is `backupId`; the next one comes to stand at `place()`. */
export const extentWriter = (archive: {
  readonly backupId: string;
  /** Largest content of a data record. */
  readonly chunkBytes: number;
  place(): RecordPlace;
  data(content: Buffer): Promise<void>;
  reference(extent: ChunkPlace): Promise<void>;
  index(chunks: readonly IndexedChunk[]): Promise<void>;
}): ExtentWriter => {
  const { backupId, chunkBytes } = archive;
  const content = Buffer.allocUnsafe(chunkBytes);
  let filled = 0;
  let run: ChunkPlace | undefined;
  let chunks: IndexedChunk[] = [];

  const writeData = async (): Promise<void> => {
    const bytes = filled;
    filled = 0;
    if (bytes > 0) await archive.data(content.subarray(0, bytes));
  };
  const writeRun = async (): Promise<void> => {
    const extent = run;
    run = undefined;
    if (extent) await archive.reference(extent);
  };
  const writeIndex = async (): Promise<void> => {
    const entries = chunks;
    chunks = [];
    if (entries.length > 0) await archive.index(entries);
  };

  const refer = async (known: ChunkPlace): Promise<void> => {
    await writeData();
    if (run && continues(run, known)) run = { ...run, length: run.length + known.length };
    else {
      await writeRun();
      run = known;
    }
  };

  const keep = async (chunk: Buffer): Promise<ChunkPlace> => {
    await writeRun();
    if (filled + chunk.length > chunkBytes) await writeData();
    chunk.copy(content, filled);
    const place = { backupId, ...archive.place(), offset: filled, length: chunk.length };
    filled += chunk.length;
    return place;
  };

  return {
    async add(id, chunk, known) {
      if (chunks.length >= INDEX_CHUNKS) {
        await writeData();
        await writeRun();
        await writeIndex();
      }
      if (known) await refer(known);
      chunks.push({ id, place: known ?? (await keep(chunk)) });
    },
    async end() {
      await writeData();
      await writeRun();
      await writeIndex();
    },
  };
};

const continues = (run: ChunkPlace, next: ChunkPlace): boolean =>
  run.backupId === next.backupId && run.record === next.record && run.offset + run.length === next.offset;
