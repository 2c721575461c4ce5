import { exportAudit } from '../../data-plane/audit/export.js';
import { type AuditEvent, type AuditFilter, queryAudit } from '../../data-plane/audit/query.js';
import { type AuditVerdict, verifyAudit } from '../../data-plane/audit/verify.js';
import { withConnection } from '../../data-plane/database/connect.js';
import type { Runtime } from '../runtime.js';
import { inTenantCell } from '../tenants/in-tenant-cell.js';
import { getTenant } from '../tenants/store.js';
import { noteAnchor, readAnchors } from './store.js';

/** Events of a tenant, newest first. */
export const queryTenantAudit = (
  runtime: Runtime,
  slug: string,
  filter: AuditFilter,
): Promise<AuditEvent[]> => inTenantCell(runtime, slug, (client, { id }) => queryAudit(client, id, filter));

/** Verifies a tenant's chain. Notes the end of a sound chain outside the cell. */
export const verifyTenantAudit = async (runtime: Runtime, slug: string): Promise<AuditVerdict> => {
  const tenant = await getTenant(runtime.control, slug);
  const admin = await runtime.target.adminConnection(tenant.cell);
  const anchors = await readAnchors(runtime.control, tenant.id);
  const verdict = await withConnection(admin, (client) => verifyAudit(client, tenant.id, anchors));
  if (verdict.problems.length === 0 && verdict.head.seq > 0)
    await noteAnchor(runtime.control, tenant.id, verdict.head);
  return verdict;
};

/** Gives `write` each line of a tenant's export, with its line feed. Returns the number of links in the export. */
export const exportTenantAudit = async (
  runtime: Runtime,
  slug: string,
  write: (line: string) => Promise<void>,
): Promise<number> => {
  const tenant = await getTenant(runtime.control, slug);
  const admin = await runtime.target.adminConnection(tenant.cell);
  return withConnection(admin, async (client) => {
    let lines = 0;
    for await (const line of exportAudit(client, tenant.id)) {
      await write(`${line}\n`);
      lines += 1;
    }
    return lines - 2;
  });
};
