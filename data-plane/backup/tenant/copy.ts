import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from, to } from 'pg-copy-streams';

/** Parts of a COPY that wait in memory. */
const READ_AHEAD_BYTES = 1024 * 1024;

/** The bytes of one COPY TO, and its number of rows, known when the bytes have ended. */
export interface CopyOut {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly rows: () => number;
}

/**
 * Starts `COPY (query) TO STDOUT (FORMAT BINARY)`. Whoever leaves the iteration early closes the connection: the
 * server still sends, so nothing else can be asked on it.
 */
export const copyOut = (client: pg.ClientBase, query: string): CopyOut => {
  const stream = client.query(
    to(`COPY (${query}) TO STDOUT (FORMAT BINARY)`, { highWaterMark: READ_AHEAD_BYTES }),
  );
  // An error after the last byte meets the query that follows; unheard, it would end the process.
  stream.on('error', () => undefined);
  return {
    bytes: untilCounted(client, stream),
    rows: () => stream.rowCount,
  };
};

/** The bytes of `COPY (query) TO STDOUT` as CSV with a header; as `copyOut` to leave early. */
export const copyCsv = (client: pg.ClientBase, query: string): NodeJS.ReadableStream =>
  client.query(to(`COPY (${query}) TO STDOUT (FORMAT CSV, HEADER)`, { highWaterMark: READ_AHEAD_BYTES }));

/** The server tells the number of rows in a message after the data: one more answer makes sure that it came. */
async function* untilCounted(
  client: pg.ClientBase,
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* stream;
  await client.query('');
}

/** `COPY target FROM STDIN (FORMAT BINARY)`; returns the number of rows. The source's failure is thrown as it is. */
export const copyIn = async (
  client: pg.ClientBase,
  target: string,
  source: AsyncIterable<Uint8Array>,
): Promise<number> => {
  const stream = client.query(from(`COPY ${target} FROM STDIN (FORMAT BINARY)`));
  await pipeline(source, stream);
  return stream.rowCount;
};
