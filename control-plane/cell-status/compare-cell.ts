import type pg from 'pg';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { countTenantRows } from '../../data-plane/enrolment/count-rows.js';
import { listBackups } from '../backups/store.js';
import { listErasures } from '../tenants/erasures.js';
import { listTenants } from '../tenants/store.js';

/** How the tenants that are in a running cell differ from those that the control database knows, a sentence each. */
export const compareCell = async (control: pg.Pool, cell: string, admin: Connection): Promise<string[]> => {
  const found = new Map((await withConnection(admin, countTenantRows)).map((tenant) => [tenant.id, tenant]));
  const erased = new Set(
    (await listErasures(control)).filter(({ state }) => state === 'done').map(({ tenantId }) => tenantId),
  );
  const problems: string[] = [];
  for (const { id, slug, deployedAt } of (await listTenants(control)).filter(
    (tenant) => tenant.cell === cell,
  )) {
    const rows = found.get(id)?.rows;
    found.delete(id);
    if (deployedAt === null) continue;
    if (rows === undefined)
      problems.push(`${slug} is not in cell ${cell}: \`ringfence cells restore ${cell}\` brings it back`);
    const backup = rows === 0 ? await lastWithRows(control, id) : undefined;
    if (backup)
      problems.push(
        `${slug} has no row, and its backup ${backup.id} has ${backup.rows}: \`ringfence backups restore ${slug}\``,
      );
  }
  for (const { id } of found.values())
    problems.push(
      erased.has(id)
        ? `rows of tenant ${id}, which was erased, are in cell ${cell}: \`ringfence control reconcile\` takes them out`
        : `tenant ${id} is in cell ${cell}, and not in the control database: \`ringfence control reconcile\` looks for it`,
    );
  return problems;
};

/** Also one whose object is lost: then there is something to look for. */
const lastWithRows = async (control: pg.Pool, tenantId: string) =>
  (await listBackups(control, tenantId)).find(({ rows, state }) => (rows ?? 0) > 0 && state !== 'running');
