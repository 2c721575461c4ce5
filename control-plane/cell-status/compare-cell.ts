import type pg from 'pg';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { countTenantRows, type TenantRows } from '../../data-plane/enrolment/count-rows.js';
import { listBackups } from '../backups/store.js';
import { findOpenMove } from '../moves/store.js';
import { listErasures } from '../tenants/erasures.js';
import { homeEpochOf, inhabitedCells } from '../tenants/placements.js';
import { listTenants, type RegisteredTenant } from '../tenants/store.js';

/** Compares the tenants in a running cell with those in the control database. Returns a sentence for each difference. */
export const compareCell = async (control: pg.Pool, cell: string, admin: Connection): Promise<string[]> => {
  const found = new Map((await withConnection(admin, countTenantRows)).map((tenant) => [tenant.id, tenant]));
  const erasures = await listErasures(control);
  const erased = new Set(erasures.filter(({ state }) => state === 'done').map(({ tenantId }) => tenantId));
  const erasing = new Map(
    erasures.flatMap(({ state, tenantId, slug }) =>
      ['waiting', 'running'].includes(state) ? [[tenantId, slug] as const] : [],
    ),
  );
  const problems: string[] = [];
  for (const tenant of await listTenants(control)) {
    const { id, slug, deployedAt } = tenant;
    const isHome = tenant.cell === cell;
    // Its erasure takes it out of every cell.
    if (!isHome && erasing.has(id)) continue;
    const there = found.get(id);
    found.delete(id);
    if (!isHome) {
      problems.push(...elsewhere(tenant, cell, there));
      continue;
    }
    const rows = there?.rows;
    if (deployedAt === null) continue;
    if (there?.fence === 'closed' && !(await findOpenMove(control, id)))
      problems.push(
        `${slug} is closed in cell ${cell}, its home: it has moved since, and the control database is an older one: \`ringfence control reconcile\` takes over where it is now`,
      );
    if (erasing.has(id)) {
      if (rows === undefined || rows === 0)
        problems.push(`${slug} has no row in cell ${cell}: ${finish(slug)}`);
      continue;
    }
    if (rows === undefined)
      problems.push(`${slug} is not in cell ${cell}: \`ringfence cells restore ${cell}\` brings it back`);
    const backup = rows === 0 ? await lastWithRows(control, id) : undefined;
    if (backup)
      problems.push(
        `${slug} has no row, and its backup ${backup.id} has ${backup.rows}: \`ringfence backups restore ${slug}\``,
      );
  }
  for (const { id } of found.values()) problems.push(unregistered(cell, id, erased, erasing.get(id)));
  return problems;
};

/** Of a tenant whose home is another cell. */
const elsewhere = (tenant: RegisteredTenant, cell: string, there: TenantRows | undefined): string[] => {
  const { slug, cell: home } = tenant;
  if (!inhabitedCells(tenant).includes(cell))
    return there
      ? [
          `${slug} lives in cell ${home}, and is in cell ${cell} too: \`ringfence placements withdraw ${slug} ${cell}\``,
        ]
      : [];
  if (!there)
    return [`${slug} is not in cell ${cell}, where it arrives: \`ringfence tenants apply ${slug}\``];
  return there.state === 'active' && there.fence === 'open'
    ? [
        `${slug} is open in cell ${cell}, and at home in ${home}: ${there.epoch > homeEpochOf(tenant) ? '`ringfence control reconcile`' : `\`ringfence tenants apply ${slug}\``}`,
      ]
    : [];
};

/** @param erasing the slug of one whose erasure was begun. */
const unregistered = (
  cell: string,
  id: string,
  erased: ReadonlySet<string>,
  erasing: string | null | undefined,
): string => {
  if (erasing) return `rows of ${erasing} are in cell ${cell}: ${finish(erasing)}`;
  return erased.has(id)
    ? `rows of tenant ${id}, which was erased, are in cell ${cell}: \`ringfence control reconcile\` takes them out`
    : `tenant ${id} is in cell ${cell}, and not in the control database: \`ringfence control reconcile\` looks for it`;
};

const finish = (slug: string): string =>
  `it is to be erased, \`ringfence tenants erase ${slug}\` finishes that`;

/** Considers lost backups too: their tenant had rows. */
const lastWithRows = async (control: pg.Pool, tenantId: string) =>
  (await listBackups(control, tenantId)).find(({ rows, state }) => (rows ?? 0) > 0 && state !== 'running');
