import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { expect, it } from 'vitest';
import { requestCancel } from '../../../data-plane/access/cells/cancel-request.js';

it('sends a CancelRequest and leaves it to the other side to close, which some poolers need', async () => {
  const received: Buffer[] = [];
  let closedFirst = false;
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    socket.on('data', (part) => received.push(part));
    socket.once('end', () => {
      closedFirst = !socket.writableEnded;
    });
    await pause(50);
    socket.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await requestCancel({ host: '127.0.0.1', port, processID: 77, secretKey: -5 } as unknown as pg.Client);
  server.close();
  expect(Buffer.concat(received).toString('hex')).toBe('0000001004d2162e0000004dfffffffb');
  expect(closedFirst).toBe(false);
});
