import { type GeneratedIsolation, testGenerated } from '../../control-plane/isolation/test-generated.js';
import { EXIT_STATUS } from '../../core/errors.js';
import type { Context } from '../context.js';
import { sayPassedOver } from '../say-passed-over.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence isolation test --generated <count>`: exit status 5 when a sequence got through. */
export const isolationGenerated = async (
  context: Context,
  options: { generated: number; seed: number; cell?: string },
): Promise<void> => {
  const results = await withRuntime(context, async (runtime) => {
    if (options.cell === undefined) await sayPassedOver(context, runtime);
    return testGenerated(runtime, {
      sequences: options.generated,
      seed: options.seed,
      ...(options.cell ? { cell: options.cell } : {}),
      onProgress: (cell, sequences) => {
        if (sequences % 1_000 === 0) context.say(`  ${cell}: ${sequences} of ${options.generated}`);
      },
    });
  });
  context.result(results, () => results.map(describe).join(''));
  if (results.some(({ report }) => report.failure)) context.exitWith(EXIT_STATUS.isolation_violated);
};

const describe = ({ cell, report }: GeneratedIsolation): string => {
  const { sequences, steps, statements, proved, tables, durationMs, seed, failure } = report;
  const line = `${cell}: ${sequences} sequences, ${steps} steps, ${statements} statements on ${tables} tables, ${proved} saw their own rows, in ${(durationMs / 1000).toFixed(1)} s (seed ${seed})\n`;
  if (!failure) return `${line}nothing of another clinic was reached\n`;
  return `${line}${failure.kind}: ${failure.what}\n${failure.steps.map((step) => `  ${step}\n`).join('')}`;
};
