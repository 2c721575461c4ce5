import type { Writable } from 'node:stream';

/** Writes to a stream at the stream's own pace. */
export interface Sink {
  /** Resolves when the stream took the bytes; rejects when it fails or closes, instead of waiting for ever. */
  write(bytes: Buffer): Promise<void>;
  /** Ends the stream and waits until it has taken everything. */
  end(): Promise<void>;
}

export const sinkOf = (stream: Writable): Sink => {
  // A failure reaches the caller through the call that met it; unheard, it would end the process.
  stream.on('error', () => undefined);

  const settled = (start: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const onClose = (): void =>
        done(stream.errored ?? new Error('the stream closed before it took everything'));
      const done = (error?: Error | null): void => {
        stream.off('close', onClose);
        if (error) reject(error);
        else resolve();
      };
      stream.once('close', onClose);
      start(done);
    });

  return {
    write: (bytes) => settled((done) => stream.write(bytes, done)),
    end: () => settled((done) => stream.end(done)),
  };
};
