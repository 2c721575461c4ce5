import { describe, expect, it } from 'vitest';
import { runSuite, type SuiteReport } from '../../../../data-plane/isolation/suite/run-suite.js';
import { TEST_CONTEXT_KEY, useDatabase } from '../../../support/cell-database.js';

describe('the attack suite', () => {
  const db = useDatabase();

  const run = (): Promise<SuiteReport> =>
    runSuite({
      admin: db.connection,
      app: db.appConnection,
      contextKey: TEST_CONTEXT_KEY,
      nowMs: Date.now,
    });

  it('finds nothing in a sound cell', async () => {
    const report = await run();
    for (const { name, held, leaked, unproven } of report.scenarios)
      process.stdout.write(`${name}: ${held} held, ${leaked} leaked, ${unproven} unproven\n`);
    process.stdout.write(`${report.cases.length} cases in ${report.durationMs} ms\n`);
    for (const each of report.cases)
      if (each.verdict !== 'held') process.stdout.write(`${each.id} ${each.verdict} ${each.cameBack}\n`);
    expect(report.cases.filter(({ verdict }) => verdict === 'leaked')).toEqual([]);
  });
});
