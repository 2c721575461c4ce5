import { parseArgs } from 'node:util';
import { zstdReady } from '../data-plane/backup/archive/zstd.js';
import { corrupt } from '../test/data-plane/backup/archive/corrupt.js';

// Corrupts backups of two tenants, full and incremental, in eleven ways. Fails when one of them opens.
// `npm run corruptions -- --count 10000 --seed 1`

const { values } = parseArgs({
  options: { count: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
});
await zstdReady();
const startedMs = performance.now();
const { refused, opened } = await corrupt(Number(values.count), Number(values.seed));
const total = Object.values(refused).reduce((sum, count) => sum + count, 0);
const seconds = Math.round((performance.now() - startedMs) / 1_000);
console.log(JSON.stringify({ refused: total, opened: opened.length, seconds, byKind: refused }));
for (const line of opened) console.error(line);
if (opened.length > 0) process.exitCode = 1;
