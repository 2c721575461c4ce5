import { ReadableStream } from 'node:stream/web';
import type { Recipients } from './recipients.js';

/** Bytes as an age file of them, as fast as they are taken. */
export async function* seal(
  { encrypter }: Recipients,
  bytes: NodeJS.ReadableStream,
): AsyncGenerator<Uint8Array> {
  // Node's own declaration of the class differs from the browsers', which the library's types name.
  const stream: unknown = ReadableStream.from(bytes);
  yield* await encrypter.encrypt(stream as globalThis.ReadableStream<Uint8Array>);
}
