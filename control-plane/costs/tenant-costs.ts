import type { Size } from '../../core/sizes.js';
import type { Metered } from '../../data-plane/quotas/metered.js';
import { type Cell, listCells } from '../cells/store.js';
import type { Runtime } from '../runtime.js';
import { inhabitedCells } from '../tenants/placements.js';
import { getKnownTenant, listRemovedTenants, listTenants, type RegisteredTenant } from '../tenants/store.js';
import { backupPrices } from './backup-cost.js';
import { askCell, cellLines, sizeOf } from './cell-cost.js';
import { type Split, sharesOf } from './cell-shares.js';
import { addUp, type Cost, type CostLine, sumOf } from './cost-line.js';
import { type PriceTable, readPriceTable } from './price-table.js';
import { listStoredBackups } from './store.js';

/** A tenant's part of the cost of a cell. */
interface CellShare extends Cost {
  readonly cell: string;
  readonly by: Split;
  /** Since the month began; null where it cannot be read. `eur` is what it weighs, and what the cost cap counts; it is no cost beside the share. */
  readonly metered: (Omit<Metered, 'weight'> & { readonly eur: number }) | null;
}

interface TenantCost extends Cost {
  readonly tenant: string;
  readonly tenantId: string;
  readonly cells: readonly CellShare[];
  readonly backups: Cost & { readonly storedBytes: number; readonly lines: readonly CostLine[] };
}

interface CellCost extends Cost {
  readonly cell: string;
  readonly tier: Cell['tier'];
  readonly region: string;
  readonly size: Size;
  readonly lines: readonly CostLine[];
  readonly tenants: number;
  /** What no tenant's share has: of a cell without tenants, or whose use cannot be read. */
  readonly unassignedMicroEur: number;
}

/** What tenants cost a month. Money is in millionths of a euro. */
export interface CostReport {
  readonly at: Date;
  readonly prices: Pick<PriceTable, 'file' | 'currency'> & {
    readonly eurPerUnit: { readonly eur: number; readonly date: string; readonly from: string };
  };
  readonly tenants: readonly TenantCost[];
  /** Those that the tenants have something in; all of them where no tenant was named. */
  readonly cells: readonly CellCost[];
  /** What is not counted. */
  readonly limits: readonly string[];
}

const LIMITS = [
  'traffic, requests to S3 and KMS, logs, alarms, secrets, Performance Insights',
  'storage that RDS has added by itself, automated backups beyond the free ones, older versions of keys',
  'the control database, the machines of applications and workers, taxes, discounts, support',
];

/**
 * What every tenant costs a month, or one of them, also when it was removed: its part of its cells, and what its backups take.
 * Starts nothing.
 * @throws RingfenceError `tenant_not_found`, `tenant_erased`, `config_invalid` for the project's own price table.
 */
export const tenantCosts = async (runtime: Runtime, slug?: string): Promise<CostReport> => {
  const { control, project } = runtime;
  const table = readPriceTable(project);
  const named = slug === undefined ? undefined : await getKnownTenant(control, slug);
  const residents = await listTenants(control);
  const asked = named ? [named] : [...residents, ...(await listRemovedTenants(control))];
  const shares = new Map<string, CellShare[]>();
  const cells: CellCost[] = [];
  for (const cell of await listCells(control)) {
    const within = residents.filter((tenant) => inhabitedCells(tenant).includes(cell.name));
    if (named && !within.some(({ id }) => id === named.id)) continue;
    const { cost, ofTenants } = await splitCell(runtime, table, cell, within);
    cells.push(cost);
    for (const [id, share] of ofTenants) shares.set(id, [...(shares.get(id) ?? []), share]);
  }
  const { eur, source } = table.eurPerUnit;
  const { date = '', from = '' } = table.sources[source] ?? {};
  return {
    at: runtime.now(),
    prices: { file: table.file, currency: table.currency, eurPerUnit: { eur, date, from } },
    tenants: await withBackups(runtime, table, asked, shares),
    cells,
    limits: LIMITS,
  };
};

const splitCell = async (
  runtime: Runtime,
  table: PriceTable,
  cell: Cell,
  within: readonly RegisteredTenant[],
): Promise<{ cost: CellCost; ofTenants: readonly (readonly [string, CellShare])[] }> => {
  const told = await askCell(runtime, cell);
  const lines = cellLines(table, cell, told?.said);
  const cost = sumOf(lines);
  const { by, microEur } = sharesOf(
    cost.atLeastMicroEur,
    within.map(({ id }) => id),
    told?.metered,
  );
  const ofTenants = within.map(({ id }, index): readonly [string, CellShare] => {
    const share = microEur[index] ?? null;
    return [
      id,
      {
        cell: cell.name,
        by,
        microEur: cost.microEur === null ? null : share,
        atLeastMicroEur: share ?? 0,
        metered: shown(told?.metered.get(id)),
      },
    ];
  });
  const assigned = ofTenants.reduce((sum, [, { atLeastMicroEur }]) => sum + atLeastMicroEur, 0);
  const { name, tier, region } = cell;
  return {
    cost: {
      cell: name,
      tier,
      region,
      size: sizeOf(cell),
      ...cost,
      lines,
      tenants: within.length,
      unassignedMicroEur: cost.atLeastMicroEur - assigned,
    },
    ofTenants,
  };
};

const shown = (metered: Metered | undefined): CellShare['metered'] => {
  if (!metered) return null;
  const { weight, ...used } = metered;
  return { ...used, eur: Number(weight) / 1e9 };
};

const withBackups = async (
  runtime: Runtime,
  table: PriceTable,
  tenants: readonly RegisteredTenant[],
  shares: ReadonlyMap<string, readonly CellShare[]>,
): Promise<TenantCost[]> => {
  const stored = await listStoredBackups(runtime.control);
  const linesOf = backupPrices(runtime, table);
  const costs: TenantCost[] = [];
  for (const { id, slug } of tenants) {
    const own = stored.filter(({ tenantId }) => tenantId === id);
    const lines: CostLine[] = [];
    for (const one of own) lines.push(...(await linesOf(one)));
    const storedBytes = own.reduce((sum, one) => sum + one.storedBytes, 0);
    const cells = shares.get(id) ?? [];
    const backups = { ...sumOf(lines), storedBytes, lines };
    costs.push({ tenant: slug, tenantId: id, ...addUp([...cells, backups]), cells, backups });
  }
  return costs;
};
