import type { ChunkPlace, IndexedChunk } from './chunk-place.js';

/** At 16 KiB a chunk, deletions of half a gigabyte in one place are found; the memory is bounded. */
const WINDOW_CHUNKS = 32_768;

/**
 * Looks for chunks of a section among those that a backup before had. Both come in the order of the table's key, so a
 * window over the older ones that moves on with every chunk found is enough.
 */
export interface KnownChunks {
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
