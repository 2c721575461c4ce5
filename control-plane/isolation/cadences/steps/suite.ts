import { reportPage } from '../../../../isolation/report/report-page.js';
import { testIsolation } from '../../test-isolation.js';
import type { Step } from '../step.js';

/** The eight scenarios against every running cell. */
export const suite: Step = async ({ runtime, write, say }) => {
  const cells = await testIsolation(runtime, {
    onCell: (cell) => say(`attacking cell ${cell}`),
    onSkipped: (cell) => say(`cell ${cell} is not attacked: it has no superuser (docs/isolation-testing.md)`),
  });
  const cases = cells.flatMap(({ report }) => report.cases);
  const leaked = cases.filter(({ verdict }) => verdict === 'leaked').length;
  const unproven = cases.filter(({ verdict }) => verdict === 'unproven').length;
  return {
    outcome: leaked === 0 ? 'clean' : 'found',
    summary: `${cells.length} cells, ${cases.length} attempts, ${leaked} leaked, ${unproven} unproven`,
    files: [
      await write('isolation.json', `${JSON.stringify(cells, null, 2)}\n`),
      await write('isolation.html', reportPage(cells)),
    ],
  };
};
