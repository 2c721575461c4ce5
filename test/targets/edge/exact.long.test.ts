import { mkdtempSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loseFolder } from '../../support/lose-folder.js';
import { openOrigin, send } from './clients.js';
import { documentOf, entry } from './document.js';
import { byWindow } from './isolates.js';
import { openIsolates } from './isolates-of-workerd.js';

const PER_SECOND = 100;
const CLIENTS = 200;
const ISOLATES = 3;
const SECONDS = 40;
const OBJECT_ENDS_AFTER_MS = 3_000;
const RUNTIME_ENDS_AT = new Set([4, 9]);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const percentile = (times: readonly number[], part: number): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN;

it('200 clients for 40 s, while the object is ended every 3 s and the runtime twice: never above the limit; a neighbour is let through', async () => {
  const storage = mkdtempSync(join(tmpdir(), 'ringfence-edge-'));
  const origin = await openOrigin();
  const quiet = await openOrigin();
  const wide = { requestsPerSecond: 100_000, burst: 100_000 };
  const document = documentOf(
    entry('hot', origin.url, { limits: { requestsPerSecond: PER_SECOND, burst: PER_SECOND } }),
    entry('quiet', quiet.url, { limits: wide }),
  );
  const isolates = await openIsolates(document, ISOLATES, storage);
  /** Seconds in which the runtime was ended, with one on either side. */
  const down = new Set<number>();
  const agent = new http.Agent({ keepAlive: true });
  const urlOf = (at: number): URL => isolates.urls()[at % ISOLATES] as URL;
  const ask = (at: number, host: string): Promise<number> =>
    send(urlOf(at), host, '/', {}, agent).then(
      ({ status }) => status,
      () => 0,
    );
  const quietly = async (count: number): Promise<{ times: number[]; statuses: Set<number> }> => {
    const times: number[] = [];
    const statuses = new Set<number>();
    for (let n = 0; n < count; n++) {
      const fromMs = performance.now();
      statuses.add(await ask(n, 'quiet.clinics.example'));
      times.push(performance.now() - fromMs);
      await pause(10);
    }
    return { times, statuses };
  };
  try {
    const alone = await quietly(300);
    const endMs = performance.now() + SECONDS * 1_000;
    const client = async (at: number): Promise<void> => {
      while (performance.now() < endMs) if ((await ask(at, 'hot.clinics.example')) !== 200) await pause(100);
    };
    const clients = Promise.all(Array.from({ length: CLIENTS }, (_, at) => client(at)));
    await pause(1_000);
    const beside = await quietly(300);
    for (let n = 0; performance.now() < endMs - OBJECT_ENDS_AFTER_MS; n++) {
      await pause(OBJECT_ENDS_AFTER_MS);
      if (!RUNTIME_ENDS_AT.has(n)) {
        await isolates.restartObject('hot');
        continue;
      }
      const fromMs = Date.now();
      await isolates.restart();
      for (let atMs = fromMs - 1_000; atMs <= Date.now() + 1_000; atMs += 1_000)
        down.add(Math.floor(atMs / 1_000));
    }
    await clients;
    const counts = byWindow(origin.arrived, 1_000);
    const wasUp = [...counts.keys()]
      .sort()
      .filter((second) => !down.has(second))
      .slice(1, -1);
    const upCount = wasUp.reduce((sum, second) => sum + (counts.get(second) ?? 0), 0);
    const upShare = upCount / (wasUp.length * PER_SECOND);
    const seconds = Math.max(...counts.keys()) - Math.min(...counts.keys()) + 1;
    const share = origin.arrived.length / (seconds * PER_SECOND);
    console.log(
      `${origin.arrived.length} of at most ${seconds * PER_SECOND} in ${seconds} s: ${(100 * share).toFixed(1)} %,`,
      `${(100 * upShare).toFixed(1)} % of ${wasUp.length} s in which the runtime was up;`,
      `a neighbour: median ${percentile(alone.times, 0.5).toFixed(1)} ms alone, ${percentile(beside.times, 0.5).toFixed(1)} ms beside;`,
      `p99 ${percentile(alone.times, 0.99).toFixed(1)} ms alone, ${percentile(beside.times, 0.99).toFixed(1)} ms beside`,
    );
    expect(share).toBeLessThanOrEqual(1);
    expect([...alone.statuses, ...beside.statuses]).toEqual([200, 200]);
  } finally {
    agent.destroy();
    await isolates.close();
    await origin.close();
    await quiet.close();
    loseFolder(storage);
  }
});
