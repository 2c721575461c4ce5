import { setTimeout as pause } from 'node:timers/promises';

/** Lets no more than so many bytes a second through: a copy at full speed takes the disk and the processors from neighbours. */
export const paced = (
  bytesPerSecond: number | undefined,
): ((bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) => {
  if (bytesPerSecond === undefined) return (bytes) => bytes;
  const startedMs = performance.now();
  let sent = 0;
  return async function* (bytes) {
    for await (const part of bytes) {
      sent += part.length;
      yield part;
      const aheadMs = (sent / bytesPerSecond) * 1000 - (performance.now() - startedMs);
      if (aheadMs > 1) await pause(aheadMs);
    }
  };
};
