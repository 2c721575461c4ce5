import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { openOrigin, send } from './clients.js';

test('an answer that is cut off is an error of the client, and not one that it waits for', async () => {
  const cut = (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half of it', () => response.destroy());
  };
  const origin = await openOrigin(cut);
  try {
    await expect(send(new URL(origin.url), 'clinic.example', '/', {})).rejects.toThrow();
  } finally {
    await origin.close();
  }
});
