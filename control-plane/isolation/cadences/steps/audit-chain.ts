import { verifyTenantAudit } from '../../../audit/tenant-audit.js';
import { listTenants } from '../../../tenants/store.js';
import type { Step } from '../step.js';

/** The hash chain of every tenant's audit log, and its end noted outside the cell. */
export const auditChain: Step = async ({ runtime, write }) => {
  const verdicts = [];
  for (const { slug, state } of await listTenants(runtime.control)) {
    if (state !== 'active') continue;
    const { events, head, problems } = await verifyTenantAudit(runtime, slug);
    verdicts.push({ slug, events, head: { seq: head.seq, hash: head.hash.toString('hex') }, problems });
  }
  const broken = verdicts.filter(({ problems }) => problems.length > 0);
  return {
    outcome: broken.length === 0 ? 'clean' : 'found',
    summary: `${verdicts.length} chains, ${verdicts.reduce((sum, { events }) => sum + events, 0)} events, ${broken.length} broken`,
    files: [await write('audit-chains.json', `${JSON.stringify(verdicts, null, 2)}\n`)],
  };
};
