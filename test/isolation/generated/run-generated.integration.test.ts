import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { runGenerated } from '../../../isolation/generated/run-generated.js';
import { TEST_CONTEXT_KEY, useDatabase } from '../../support/cell-database.js';

const SEQUENCES = 2_000;

describe('generated attacks', () => {
  const database = useDatabase();

  it('reach nothing in a sound cell, and leave nothing in it', async () => {
    const target = {
      admin: database.connection,
      app: database.appConnection,
      contextKey: TEST_CONTEXT_KEY,
      now: () => new Date(),
    };
    const report = await runGenerated(target, { sequences: SEQUENCES, seed: randomInt(2 ** 31) });
    const { seed, steps, proved, statements, durationMs } = report;
    console.log(
      `generated attacks: ${report.sequences} sequences, ${steps} steps, ${proved} saw their own rows, ${statements} statements, ${durationMs} ms, seed ${seed}`,
    );
    expect(report.failure).toBeUndefined();
    expect(report.sequences).toBe(SEQUENCES);
    expect(proved / steps).toBeGreaterThan(0.1);
    const { rows } = await database.admin.query('SELECT FROM ringfence.tenants');
    expect(rows).toEqual([]);
  });
});
