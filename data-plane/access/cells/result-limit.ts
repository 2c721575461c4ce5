import type { Socket } from 'node:net';
import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';

/** The largest answer to one statement: all tenants share the memory and the event loop of this process. */
export interface ResultLimit {
  readonly bytesMax: number;
  readonly rowsMax: number;
}

export const RESULT_LIMIT: ResultLimit = { bytesMax: 16 * 1024 * 1024, rowsMax: 100_000 };

/** The part of `pg`'s connection that tells of messages, as of the version that is pinned. */
interface MessageSource {
  readonly stream: Socket;
  on(event: 'dataRow' | 'readyForQuery', listener: () => void): unknown;
  emit(event: 'error', error: Error): unknown;
  removeAllListeners(event: 'dataRow'): unknown;
}

/**
 * Ends the connection once the answer to a statement grows past the limit, before it is all read: a value of 512 MiB cannot
 * even be made a string, and would end the process. What waits for the answer fails with `result_too_large`.
 */
export const limitResults = (client: pg.ClientBase, { bytesMax, rowsMax }: ResultLimit): void => {
  const source = (client as unknown as { readonly connection: MessageSource }).connection;
  let bytes = 0;
  let rows = 0;
  const refuse = (limit: string): void => {
    const error = new RingfenceError('result_too_large', `the database answered with more than ${limit}`, {
      fix: 'ask for fewer rows or columns at a time (LIMIT, and the last key of the page before)',
    });
    // At once: what is left of this part may end the answer.
    source.emit('error', error);
    source.removeAllListeners('dataRow');
    source.stream.destroy();
  };
  // Before the listener that keeps what has come for the next message.
  source.stream.prependListener('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > bytesMax) refuse(`${bytesMax} bytes`);
  });
  source.on('dataRow', () => {
    if (++rows > rowsMax) refuse(`${rowsMax} rows`);
  });
  source.on('readyForQuery', () => {
    bytes = 0;
    rows = 0;
  });
};
