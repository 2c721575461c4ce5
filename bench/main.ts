import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchAccessQuery, benchAccessRun } from './access.js';
import { benchCliStart } from './cli-start.js';
import type { Comparison } from './measure.js';
import { benchOnboarding } from './onboarding.js';
import { benchPointRead } from './point-read.js';
import { benchQuickstart } from './quickstart.js';
import { openScene, type Scene } from './scene.js';

// Ratios, both arms in one run, medians; prints a table and writes bench/results.json. Names as arguments select.

const BENCHES: Readonly<Record<string, (scene: Scene) => Promise<Comparison>>> = {
  'cli-start': benchCliStart,
  'point-read': benchPointRead,
  'access-query': benchAccessQuery,
  'access-run': benchAccessRun,
  onboarding: benchOnboarding,
  quickstart: benchQuickstart,
};

const wanted = process.argv.slice(2);
const scene = await openScene();
const results: Comparison[] = [];
try {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.error(`${name} ...`);
    results.push(await bench(scene));
  }
} finally {
  await scene.close();
}

const ms = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
for (const { name, baselineMs, measuredMs, ratio, goal, met } of results) {
  console.log(
    `${met ? 'met   ' : 'MISSED'} ${ratio.toFixed(2)}x (${goal})  ${ms(measuredMs)} ms / ${ms(baselineMs)} ms  ${name}`,
  );
}
const file = join(dirname(fileURLToPath(import.meta.url)), 'results.json');
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
