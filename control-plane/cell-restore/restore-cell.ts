import { restoreServer, type ServerRestore } from '../../data-plane/backup/cell/restore-server.js';
import { CELL_DATABASE } from '../../data-plane/database/cell-database.js';
import type { Difference } from '../../data-plane/database/defences.js';
import { keepHistory } from '../cells/cell-history.js';
import { bringCellUp } from '../cells/cells-up.js';
import { mendCell, readCellDrift } from '../cells/repair-cell.js';
import { getCell } from '../cells/store.js';
import type { ResourceChange } from '../engine/run/change.js';
import { noteOperation } from '../operation/store.js';
import { tellBrokenPromises } from '../policies/judge-cell.js';
import { withLocks } from '../project/lock.js';
import type { Runtime } from '../runtime.js';
import { withTenants } from '../tenants/tenant-lock.js';
import { beginCellAnew } from './begin-cell-anew.js';
import type { CellRestorePlan } from './cell-restore-plan.js';
import { lostTenants, outrunTenants, rowsInCell, tenantsOf } from './lost-tenants.js';
import { type NoLongerThere, readyRestoredCell } from './ready-restored-cell.js';
import { refuseOpenMoves } from './refuse-open-moves.js';
import { restoreTenantsFromArchives, type TenantBroughtBack } from './restore-tenants-from-archives.js';

export interface RestoredTenant {
  readonly slug: string;
  /** In the cell now; null where the tenant is not in it. */
  readonly rows: number | null;
  /** The tenant differs from its deployment; `tenants apply` mends that. */
  readonly drifted: boolean;
  /** The tenant's own backup, where it came back from one. */
  readonly broughtBack: TenantBroughtBack | null;
}

export interface CellRestored {
  readonly cell: string;
  readonly way: CellRestorePlan['way'];
  /** Of the last transaction that came back out of the cell's history. */
  readonly lastCommitAt: Date | null;
  /** Files and folders that were there before, and are kept. */
  readonly kept: readonly string[];
  /** The reason why changes of the last moments may be in `kept` only. */
  readonly notArchived: string | null;
  readonly noLongerThere: readonly NoLongerThere[];
  readonly tenants: readonly RestoredTenant[];
}

interface RestoreOptions {
  readonly onChange?: (change: ResourceChange) => void;
  readonly onMended?: (difference: Difference) => void;
  /** A tenant is being brought back out of its own backups. */
  readonly onTenant?: (slug: string) => void;
  /** What the policies say against the cell. */
  readonly onViolation?: (line: string) => void;
}

/**
 * Brings a local cell back as planned and repairs it. Then brings the tenants back that its history lacks, unless the cell
 * went back in time on purpose, and begins a new history. After a kill it can be run again.
 * @throws RingfenceError `tenant_busy`; `conflict` for a cell that works and is an end of a move; as restoreServer and bringCellUp. The report has failures of single tenants.
 */
export const restoreCell = async (
  runtime: Runtime,
  plan: CellRestorePlan,
  options: RestoreOptions = {},
): Promise<CellRestored> => {
  const { cell: name, way } = plan;
  if (plan.isThere) await refuseOpenMoves(runtime, name);
  const { tier, region } = await getCell(runtime.control, name);
  await tellBrokenPromises(runtime, { name, tier, region }, (line) => options.onViolation?.(line));
  const recovered = way === 'history' ? await fromHistory(runtime, plan) : undefined;
  const left = way === 'archives' ? await beginCellAnew(runtime, name) : [];
  runtime.reached('cell-restored');
  await bringCellUp(runtime, { name, tier, region }, options.onChange);
  await mendCell(runtime, name, (difference) => options.onMended?.(difference));
  const slugs = plan.to === null ? await tenantsToBringBack(runtime, name, recovered?.lastCommitAt) : [];
  const broughtBack = await restoreTenantsFromArchives(runtime, name, { ...options, slugs });
  await keepHistory(runtime, name);
  return {
    cell: name,
    way,
    lastCommitAt: recovered?.lastCommitAt ?? null,
    kept: recovered?.keptData ? [recovered.keptData] : left,
    notArchived: recovered?.notArchived ?? null,
    noLongerThere: recovered?.result ?? [],
    tenants: await reportTenants(runtime, plan, broughtBack),
  };
};

const fromHistory = (
  runtime: Runtime,
  { cell, to, tenants }: CellRestorePlan,
): Promise<ServerRestore<NoLongerThere[]>> =>
  withTenants(runtime, tenants, () =>
    withLocks(runtime.control, [`cell/${cell}`, `history/${cell}`], () =>
      restoreServer({
        dir: runtime.target.cellDir(cell),
        to: to ?? undefined,
        database: CELL_DATABASE,
        now: () => runtime.now(),
        reached: runtime.reached,
        work: (admin) => readyRestoredCell(runtime, cell, admin),
      }),
    ),
  );

/** Where the WAL is lost with the data folder, a backup has the tenant's last changes. */
const tenantsToBringBack = async (
  runtime: Runtime,
  cell: string,
  lastCommitAt: Date | undefined,
): Promise<string[]> => {
  const lost = await lostTenants(runtime, cell);
  const outrun = lastCommitAt ? await outrunTenants(runtime, cell, lastCommitAt) : [];
  return [...new Set([...lost, ...outrun])];
};

const reportTenants = async (
  runtime: Runtime,
  { cell, tenants: concerned, way }: CellRestorePlan,
  broughtBack: readonly TenantBroughtBack[],
): Promise<RestoredTenant[]> => {
  const rows = await rowsInCell(runtime, cell);
  const { tenantIds: drifted } = await readCellDrift(runtime, cell);
  const reports: RestoredTenant[] = [];
  for (const { id, slug } of await tenantsOf(runtime, cell)) {
    if (!concerned.includes(slug)) continue;
    const back = broughtBack.find((one) => one.slug === slug) ?? null;
    // A tenant that came back from its own backup has an operation of its own.
    if (way === 'history' && !back) {
      const { control, caller } = runtime;
      await noteOperation(control, { tenantId: id, slug, kind: 'restore', caller });
    }
    reports.push({ slug, rows: rows.get(id) ?? null, drifted: drifted.has(id), broughtBack: back });
  }
  return reports;
};
