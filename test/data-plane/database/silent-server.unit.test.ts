import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { translateDatabaseError } from '../../../data-plane/database/errors.js';

/** Takes connections and says nothing, as one whose machine hangs. */
const silent = createServer();
const sockets: Socket[] = [];
beforeAll(async () => {
  silent.on('connection', (socket) => sockets.push(socket));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

const place = () => ({
  host: '127.0.0.1',
  port: (silent.address() as AddressInfo).port,
  connectionTimeoutMillis: 50,
});

test.each([
  ['a connection', () => new pg.Client(place()).connect()],
  ['a pool', () => new pg.Pool(place()).query('SELECT')],
])('a server that does not answer %s is one that is not there', async (_of, connect) => {
  const error = await connect().then(() => undefined, translateDatabaseError);
  expect(error).toMatchObject({ code: 'database_unavailable' });
});
