import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type pg from 'pg';
import { findServerFolders, type ServerFolder } from '../../data-plane/backup/cell/server-folders.js';
import { controlFilePath, readControlFile } from '../../data-plane/database/server/control-file.js';
import { placeOfData } from '../../data-plane/database/server/data-owner.js';
import { replicaDir } from '../../data-plane/database/server/replica-place.js';
import { keptAt } from '../../data-plane/database/server/set-aside.js';
import { copyDataDir } from '../../data-plane/database/server/stop-copy.js';
import { targetOf } from '../../targets/index.js';
import { listCells } from '../cells/store.js';
import { wrappedKeys } from '../keys/store.js';
import { CONTROL, controlDir } from '../project/control-database.js';
import type { Project } from '../project/project.js';
import { scratchServers } from '../project/scratch.js';
import { type Erasure, listErasures } from '../tenants/erasures.js';
import { type KeptDatabase, keptDatabases } from './kept-databases.js';

/**
 * A folder with a server's data, archived WAL or base backups that no server of the project uses; or a database beside the control
 * database, whose `path` says so.
 */
export interface KeptFolder extends Omit<ServerFolder, 'kind'> {
  readonly kind: ServerFolder['kind'] | 'database';
  /** The time when Ringfence put it aside; null where somebody else did. */
  readonly keptAt: Date | null;
  /** The cell that it belongs to, or `control`; null where that is unknown. */
  readonly owner: string | null;
}

interface Place {
  readonly owner: string;
  /** Folder of the data, and what is beside it. */
  readonly around: string;
  readonly dataDir: string;
}

/**
 * Finds the folders that restores kept aside, and those that somebody copied, moved or linked by hand, below the project's
 * home and beside its servers' data.
 */
export const findKept = async (control: pg.Pool, project: Project): Promise<KeptFolder[]> => {
  const local = (await listCells(control)).filter((cell) => targetOf(cell).isHere);
  const places = [
    placeIn(CONTROL, controlDir(project)),
    ...local.map(({ name }) => placeIn(name, join(project.home, 'cells', name))),
  ];
  const inUse = new Set(
    [
      ...places.flatMap(({ around, dataDir }) => [
        ...['archive', 'base'].map((name) => join(around, name)),
        ...[dataDir, dirname(copyDataDir(dataDir)), replicaDir(dataDir)],
      ]),
      ...scratchServers(project).map((dir) => dirname(placeOfData(dir))),
      join(project.home, 'engine'),
      // The control database's own history, sealed.
      join(project.home, 'objects', CONTROL),
    ]
      .filter(existsSync)
      .map((path) => realpathSync(path)),
  );
  const roots = [project.home, ...places.map(({ around }) => around)];
  const clusters = clustersOf(places);
  const folders = findServerFolders(roots, (path) => inUse.has(path)).map((folder) => {
    const at = keptAt(basename(folder.path)) ?? null;
    const beside = places.find(({ around }) => at !== null && dirname(folder.path) === around)?.owner;
    return { ...folder, keptAt: at, owner: clusters.get(folder.systemId ?? '') ?? beside ?? null };
  });
  return [...folders, ...(await keptDatabases(control)).map(asKept)];
};

const asKept = ({ name, keptAt: at }: KeptDatabase): KeptFolder => ({
  path: `database ${name} beside the control database`,
  kind: 'database',
  from: at,
  keptAt: at,
  systemId: undefined,
  owner: CONTROL,
});

const placeIn = (owner: string, dir: string): Place => {
  const dataDir = placeOfData(dir);
  return { owner, around: dirname(dataDir), dataDir };
};

const clustersOf = (places: readonly Place[]): ReadonlyMap<string, string> =>
  new Map(
    places
      .filter(({ dataDir }) => existsSync(controlFilePath(dataDir)))
      .map(({ dataDir, owner }) => [readControlFile(dataDir).systemId, owner]),
  );

/**
 * Kept folders that may have a tenant's rows or its wrapped key: those of the control database, of its cells or of unknown
 * origin, from between its first key and its erasure. Only the person who kept them may remove them.
 */
export const keptOf = async (
  control: pg.Pool,
  kept: readonly KeptFolder[],
  { tenantId, cells, finishedAt }: Pick<Erasure, 'tenantId' | 'cells' | 'finishedAt'>,
): Promise<string[]> => {
  const [first] = await wrappedKeys(control).list(tenantId);
  const since = first?.createdAt ?? new Date(0);
  return kept
    .filter(({ owner }) => owner === null || owner === CONTROL || cells.includes(owner))
    .filter((folder) => (folder.keptAt === null || folder.keptAt >= since) && isBefore(folder, finishedAt))
    .map(({ path }) => path);
};

const isBefore = ({ from }: KeptFolder, erasedAt: Date | null): boolean =>
  erasedAt === null || from < erasedAt;

/**
 * Returns a sentence for each kept folder that may have rows or a key of a tenant whose certificate says that nothing is
 * left.
 */
export const describeErasedIn = async (control: pg.Pool, kept: readonly KeptFolder[]): Promise<string[]> => {
  const tenants = new Map<string, string[]>();
  for (const erasure of await listErasures(control))
    if (erasure.state === 'done')
      for (const path of await keptOf(control, kept, erasure))
        tenants.set(path, [...(tenants.get(path) ?? []), erasure.tenantId]);
  return [...tenants].map(
    ([path, ids]) => `${path} may have rows of ${ids.join(', ')}, which were erased: remove it`,
  );
};
