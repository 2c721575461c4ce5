import { readFile } from 'node:fs/promises';
import { deployedPage, readDeployed } from '../../../../isolation/deployed/read-deployed.js';
import { listCells } from '../../../cells/store.js';
import { listTenants } from '../../../tenants/store.js';
import { inRunningCells } from '../running-cells.js';
import type { Step } from '../step.js';

const DOCUMENTS = ['architecture.md', 'formats.md', 'access.md'];

/** The reading for an external reviewer besides the results: the construction, and the rules that the cells really enforce. */
export const pack: Step = async ({ runtime, cadence, write }) => {
  const files = [];
  for (const name of DOCUMENTS)
    files.push(
      await write(name, await readFile(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8')),
    );
  const deployed = await inRunningCells(runtime, (_, client) => readDeployed(client));
  for (const { cell, result } of deployed) {
    files.push(await write(`deployed-${cell}.md`, deployedPage(cell, result)));
    files.push(await write(`deployed-${cell}.json`, `${JSON.stringify(result, null, 2)}\n`));
  }
  const cells = await listCells(runtime.control);
  const tenants = (await listTenants(runtime.control)).filter(({ state }) => state === 'active');
  files.push(await write('scope.md', scope(cadence, cells.length, deployed.length, tenants.length)));
  const policies = deployed.reduce((sum, { result }) => sum + result.policies.length, 0);
  return { outcome: 'clean', summary: `${files.length} files, ${policies} policies as deployed`, files };
};

const scope = (
  cadence: string,
  cells: number,
  running: number,
  tenants: number,
): string => `# Scope of the review

- ${cells} cells, of which ${running} were running and tested; ${tenants} active tenants.
- The promise under review: no tenant reads, changes, counts or finds out anything of another one, by any path that its
  application, its database login or a token gives it.
- In scope: SQL under the roles ringfence_app and ringfence_tenant, context tokens, access tokens of users, field
  envelopes, backups, the audit chain, analytics across clinics.
- Out of scope: the operator's own administrators, the machine, AWS.
- To repeat it: \`ringfence isolation test --report report.html\`, \`ringfence isolation test --mutants\`,
  \`ringfence schema lint\`, \`ringfence audit verify <tenant>\`.
${
  cadence === 'yearly'
    ? '- For the penetration test: a test tenant, its database login, one user of each role, and the source of this version are to be handed over; the findings go into this folder.\n'
    : ''
}`;
