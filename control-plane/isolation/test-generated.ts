import { type GeneratedReport, runGenerated } from '../../isolation/generated/run-generated.js';
import type { Runtime } from '../runtime.js';
import { cellsToTest, suiteTarget } from './test-isolation.js';

/** What generated attacks found in one cell. */
export interface GeneratedIsolation {
  readonly cell: string;
  readonly report: GeneratedReport;
}

/** Attacks running cells with generated sequences on throw-away tenants. A leak is data, no error. */
export const testGenerated = async (
  runtime: Runtime,
  test: {
    readonly cell?: string;
    readonly sequences: number;
    readonly seed: number;
    readonly onProgress?: (cell: string, sequences: number) => void;
  },
): Promise<GeneratedIsolation[]> => {
  const results: GeneratedIsolation[] = [];
  for (const { name } of await cellsToTest(runtime, test.cell)) {
    const report = await runGenerated(await suiteTarget(runtime, name), {
      sequences: test.sequences,
      seed: test.seed,
      onProgress: (sequences) => test.onProgress?.(name, sequences),
    });
    results.push({ cell: name, report });
  }
  return results;
};
