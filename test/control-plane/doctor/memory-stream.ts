import { Writable } from 'node:stream';

/** A stream that keeps what was written to it. */
export const memoryStream = (isTTY = false) => {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return Object.assign(stream, { isTTY, text: () => chunks.join('') });
};
