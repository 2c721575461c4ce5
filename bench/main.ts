import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchAccessQuery, benchAccessRun } from './access.js';
import { benchBackup } from './backup.js';
import { benchCliStart } from './cli-start.js';
import { benchEdge } from './edge.js';
import { benchEncryption } from './encryption.js';
import type { Comparison, Skipped } from './measure.js';
import { benchMove } from './move.js';
import { benchNeighbour } from './neighbour.js';
import { benchOnServer } from './on-server.js';
import { benchOnboarding } from './onboarding.js';
import { benchOverTcp } from './over-tcp.js';
import { benchPolicies } from './policies.js';
import { benchPooler } from './pooler.js';
import { benchQuickstart } from './quickstart.js';
import { openScene, type Scene } from './scene.js';
import { describe } from './table.js';

// Ratios, both arms in one run, medians; prints a table and writes bench/results.json. Names as arguments select.

type Result = Comparison | Skipped;

const BENCHES: Readonly<Record<string, (scene: Scene) => Promise<Result | readonly Result[]>>> = {
  'cli-start': benchCliStart,
  'on-server': benchOnServer,
  'over-tcp': benchOverTcp,
  'access-query': benchAccessQuery,
  'access-run': benchAccessRun,
  encryption: benchEncryption,
  edge: benchEdge,
  backup: benchBackup,
  neighbour: benchNeighbour,
  pooler: benchPooler,
  move: benchMove,
  policies: benchPolicies,
  onboarding: benchOnboarding,
  quickstart: benchQuickstart,
};

const wanted = process.argv.slice(2);
const scene = await openScene();
const results: Result[] = [];
try {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.error(`${name} ...`);
    results.push(...[await bench(scene)].flat());
  }
} finally {
  await scene.close();
}

for (const result of results) console.log(describe(result));
const file = join(dirname(fileURLToPath(import.meta.url)), 'results.json');
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
