import { parseArgs } from 'node:util';
import { runGenerated } from '../isolation/generated/run-generated.js';
import { openScratchCell } from './scratch-cell.js';

// Plays generated attacks on a scratch cell, as the nightly run does. Fails on a leak.
// `npm run generated -- --sequences 100000 --seed 1`

const { values } = parseArgs({
  options: { sequences: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});
const PROGRESS_EVERY = 5_000;

const cell = await openScratchCell();
try {
  const report = await runGenerated(
    { admin: cell.admin, app: cell.app, contextKey: cell.contextKey, now: () => new Date() },
    {
      sequences: Number(values.sequences),
      seed: Number(values.seed),
      onProgress: (done) => {
        if (done % PROGRESS_EVERY === 0) console.error(`${done} sequences`);
      },
    },
  );
  console.log(JSON.stringify(report, null, 2));
  if (report.failure) process.exitCode = 1;
} finally {
  cell.close();
}
