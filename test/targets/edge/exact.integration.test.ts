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
/** Of each client, so that every block that comes back is asked for again. */
const REFUSALS = 12;
const DAY_MS = 86_400_000;

it('200 clients at three isolates get never more than the limit, and most of it, while the object is ended again and again', async () => {
  const storage = mkdtempSync(join(tmpdir(), 'ringfence-edge-'));
  const origin = await openOrigin();
  // The window of a day: however slow the machine is, the test ends in the same one.
  const limits = {
    requestsPerSecond: 100_000,
    burst: 100_000,
    requestsPerMinute: 100_000,
    requestCostMicroEur: 1,
    dailyCostCapMicroEur: LIMIT,
  };
  const isolates = await openIsolates(documentOf(entry('uno', origin.url, { limits })), ISOLATES, storage);
  try {
    while (Date.now() % DAY_MS > DAY_MS - 120_000) await pause(1_000);
    const client = async (at: number): Promise<void> => {
      for (let refused = 0; refused < REFUSALS; ) {
        const url = isolates.urls()[at % ISOLATES] as URL;
        const { status } = await send(url, 'uno.clinics.example', '/', {});
        if (status === 200) continue;
        refused += status === 429 ? 1 : 0;
        await pause(100);
      }
    };
    const clients = Promise.all(Array.from({ length: CLIENTS }, (_, at) => client(at)));
    for (let n = 0; n < 3; n++) {
      await pause(150);
      await isolates.restartObject('uno');
    }
    await clients;
    expect(origin.arrived.length).toBeLessThanOrEqual(LIMIT);
    // Who meets two ends of the object in a row is turned away, with what was lent to it.
    expect(origin.arrived.length).toBeGreaterThanOrEqual(0.8 * LIMIT);
  } finally {
    await isolates.close();
    await origin.close();
    rmSync(storage, { recursive: true });
  }
});
