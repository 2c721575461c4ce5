import { lintSchema } from '../../../../data-plane/database/lint/lint-schema.js';
import { cellsPassedOver } from '../../../cells/passed-over.js';
import { inRunningCells } from '../running-cells.js';
import type { Step } from '../step.js';

/** Every rule of the schema lint, on every running cell. A lost cell is a finding. */
export const lint: Step = async ({ runtime, write }) => {
  const found = await inRunningCells(runtime, (_, client) => lintSchema(client));
  const findings = found.reduce((sum, { result }) => sum + result.length, 0);
  const passedOver = await cellsPassedOver(runtime);
  const lost = passedOver.filter(({ state }) => state === 'lost').length;
  const reports = found.map(({ cell, result }) => ({ cell, findings: result }));
  return {
    outcome: findings + lost === 0 ? 'clean' : 'found',
    summary: `${found.length} cells, ${findings} findings${passedOver.map(({ cell, state }) => `; ${cell} not looked at: ${state}`).join('')}`,
    files: [await write('lint.json', `${JSON.stringify(reports, null, 2)}\n`)],
  };
};
