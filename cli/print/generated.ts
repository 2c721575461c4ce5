import type { GeneratedIsolation } from '../../control-plane/isolation/test-generated.js';

/** What generated sequences did to a cell, with the steps that got through where some did. */
export const describeGenerated = ({ cell, report }: GeneratedIsolation): string => {
  const { sequences, steps, statements, proved, tables, durationMs, seed, failure } = report;
  const line = `${cell}: ${sequences} sequences, ${steps} steps, ${statements} statements on ${tables} tables, ${proved} saw their own rows, in ${(durationMs / 1000).toFixed(1)} s (seed ${seed})\n`;
  if (!failure) return `${line}nothing of another clinic was reached\n`;
  return `${line}${failure.kind}: ${failure.what}\n${failure.steps.map((step) => `  ${step}\n`).join('')}`;
};
