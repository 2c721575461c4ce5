import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openOrigin, send } from './clients.js';
import { documentOf, entry } from './document.js';
import { openIsolates } from './isolates-of-workerd.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const LIMIT = 500;
const CLIENTS = 200;
const ISOLATES = 3;

it('200 clients at three isolates get exactly the limit, while the object is ended again and again', async () => {
  const storage = mkdtempSync(join(tmpdir(), 'ringfence-edge-'));
  const origin = await openOrigin();
  const limits = { requestsPerSecond: 100_000, burst: 100_000, requestsPerMinute: LIMIT };
  const isolates = await openIsolates(documentOf(entry('uno', origin.url, { limits })), ISOLATES, storage);
  try {
    while (Date.now() % 60_000 > 54_000) await pause(200);
    const endMs = performance.now() + 3_000;
    const statuses: number[] = [];
    const client = async (at: number): Promise<void> => {
      while (performance.now() < endMs) {
        const url = isolates.urls()[at % ISOLATES] as URL;
        const { status } = await send(url, 'uno.clinics.example', '/', {});
        statuses.push(status);
        if (status !== 200) await pause(100);
      }
    };
    const clients = Promise.all(Array.from({ length: CLIENTS }, (_, at) => client(at)));
    for (let n = 0; n < 3; n++) {
      await pause(150);
      await isolates.restartObject('uno');
    }
    await clients;
    expect(origin.arrived.length).toBeLessThanOrEqual(LIMIT);
    expect(origin.arrived.length).toBeGreaterThanOrEqual(0.99 * LIMIT);
  } finally {
    await isolates.close();
    await origin.close();
    rmSync(storage, { recursive: true });
  }
});
