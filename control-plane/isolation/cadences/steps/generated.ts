import { testGenerated } from '../../test-generated.js';
import type { Step } from '../step.js';

/** Yearly, before a penetration test, at length. */
const SEQUENCES = { yearly: 100_000, other: 10_000 } as const;

/** Sequences that nobody wrote, on throw-away tenants of every running cell. */
export const generated: Step = async ({ runtime, cadence, write, say }) => {
  const sequences = cadence === 'yearly' ? SEQUENCES.yearly : SEQUENCES.other;
  say(`${sequences} generated sequences a cell`);
  const cells = await testGenerated(runtime, { sequences, seed: runtime.now().getTime() % 2 ** 31 });
  const failed = cells.filter(({ report }) => report.failure);
  const steps = cells.reduce((sum, { report }) => sum + report.steps, 0);
  return {
    outcome: failed.length === 0 ? 'clean' : 'found',
    summary: `${cells.length} cells, ${sequences} sequences each, ${steps} steps, ${failed.length} with a failure`,
    files: [await write('generated.json', `${JSON.stringify(cells, null, 2)}\n`)],
  };
};
