import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { targetOf } from '../../targets/index.js';
import { planCellRestore } from '../cell-restore/cell-restore-plan.js';
import { type CellRestored, restoreCell } from '../cell-restore/restore-cell.js';
import { listCells } from '../cells/store.js';
import { inRuntime } from '../open-runtime.js';
import { hasControlDatabase } from '../project/control-database.js';
import { makeHome } from '../project/home.js';
import { isObjectPlace } from '../project/object-stores.js';
import type { Project } from '../project/project.js';
import { findTraces } from '../project/traces.js';
import type { Runtime, RuntimeOptions } from '../runtime.js';
import { bringKeyring, bringObjects } from './bring-in.js';
import { type ControlRestored, restoreControl } from './restore-control.js';
import { writeManifests } from './write-manifests.js';

export interface RecoveryRequest {
  /** A folder of objects, or `s3://<bucket>/<prefix>`. */
  readonly from: string;
  /** A folder of keyrings. */
  readonly keyring: string;
  readonly now: Date;
  /** A cell, or a tenant, is being brought back. */
  readonly onStep?: (what: string) => void;
}

/** The restored parts and their age. */
export interface Recovered {
  readonly control: ControlRestored;
  readonly cells: readonly CellRestored[];
  /** Cells that are not on this machine: their servers were not lost with it. */
  readonly elsewhere: readonly string[];
  /** Manifests that were written, of tenants that had none here. */
  readonly manifests: readonly string[];
  /** Manifests that were here and differ from their tenant's deployment; they stay. */
  readonly differing: readonly string[];
}

/** Marks an unfinished recovery: everything here is its own. */
const markOf = (project: Project): string => join(project.home, 'recovering');

/**
 * Brings a whole project back on a new machine, from its objects and its keyring. First the control database, from its own
 * backup or from the archives; then each local cell, new, with its tenants from their newest backups. The same command
 * finishes a killed run.
 *
 * @throws RingfenceError `conflict` where a project is already; as `bringKeyring`, `bringObjects`, `restoreControl`. The
 * report has failures of single tenants.
 */
export const recover = async (options: RuntimeOptions, request: RecoveryRequest): Promise<Recovered> => {
  const { project } = options;
  const isPlace = isObjectPlace(project, request.from);
  const env = isPlace ? { ...options.env, RINGFENCE_OBJECTS: request.from } : options.env;
  await refuseProject(project);
  makeHome(project);
  writeFileSync(markOf(project), '');
  await bringKeyring(project, request.keyring);
  if (!isPlace) bringObjects(project, request.from);
  request.onStep?.('control database');
  const here = { ...options, env };
  const control = await restoreControl({ ...here, now: request.now });
  return inRuntime(here, async (runtime) => {
    const { written: manifests, differing } = await writeManifests(runtime);
    const cells: CellRestored[] = [];
    const elsewhere: string[] = [];
    for (const cell of await listCells(runtime.control)) {
      if (targetOf(cell).isHere) cells.push(...(await bringBack(runtime, cell.name, request.onStep)));
      else elsewhere.push(cell.name);
    }
    rmSync(markOf(project));
    runtime.hasChanged();
    return { control, cells, elsewhere, manifests, differing };
  });
};

/** A recovery was killed here; the same command finishes it. */
export const isRecovering = (project: Project): boolean => existsSync(markOf(project));

/** The objects stay where they are, so only this folder counts. */
const refuseProject = async (project: Project): Promise<void> => {
  if (isRecovering(project)) return;
  const there = hasControlDatabase(project) ? ['a control database'] : await findTraces(project, {});
  if (there.length === 0) return;
  throw new RingfenceError('conflict', `${project.root} has a project already: ${there.join(', ')}`, {
    fix: 'recover in an empty folder; here, `ringfence control restore` and `ringfence cells restore` bring lost parts back',
  });
};

const bringBack = async (
  runtime: Runtime,
  cell: string,
  onStep: RecoveryRequest['onStep'],
): Promise<CellRestored[]> => {
  onStep?.(`cell ${cell}`);
  const plan = await planCellRestore(runtime, cell).catch((error: unknown) => {
    // A killed run had finished this tenant.
    if (error instanceof RingfenceError && error.code === 'usage') return undefined;
    throw error;
  });
  return plan
    ? [
        await restoreCell(runtime, plan, {
          onTenant: (slug) => onStep?.(slug),
          onViolation: (line) => onStep?.(line),
        }),
      ]
    : [];
};
