import { RingfenceError } from '../../core/errors.js';
import { parseCondition } from '../../data-plane/backup/tenant/restore/conditions.js';
import type { RestoreSource } from '../../data-plane/backup/tenant/restore/in-restore.js';
import { readTableName } from '../../data-plane/database/table-name.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';
import { withArchiveAt } from './point-in-time.js';
import { type BackupRecord, chooseBackup, listBackups } from './store.js';
import { withBackup } from './with-backup.js';

export interface RestoreRequest {
  /** The id of a backup. Without it: the last verified backup from `at` or before, else the newest one with rows of the scope. */
  readonly backupId?: string;
  readonly at?: Date;
  /** Takes the rows as they were at this moment, out of the cell's history instead of a backup. */
  readonly to?: Date;
  /** `schema.table`; empty for all. */
  readonly tables: readonly string[];
  /** Slugs; empty for all. */
  readonly clinics: readonly string[];
  /** `column=value`; all of them hold for the rows that the scope starts from. */
  readonly where: readonly string[];
  readonly dryRun: boolean;
}

/** Where restored rows come from. */
export interface Restored {
  /** Null for a moment out of the cell's history. */
  readonly backupId: string | null;
  /** When the rows were as they were restored. */
  readonly takenAt: Date;
  /** How many rows the whole backup has; null for a moment out of the cell's history. */
  readonly backupRows: number | null;
}

export type RestoreWork<T> = (source: RestoreSource, restored: Restored) => Promise<T>;
type Selection = Pick<RestoreSource, 'tables' | 'clinicIds' | 'where' | 'dryRun' | 'pointInTime'>;

/** Checks a request. @throws RingfenceError usage, `clinic_not_found`. */
export const selectRows = (tenant: RegisteredTenant, request: RestoreRequest): Selection => {
  const tables = request.tables.map((table) => readTableName(table) ?? table);
  const clinicIds = request.clinics.map((clinic) => clinicIdOf(tenant, clinic));
  return {
    where: request.where.map(parseCondition),
    ...(tables.length > 0 ? { tables } : {}),
    ...(clinicIds.length > 0 ? { clinicIds: [...new Set(clinicIds)] } : {}),
    ...(request.to ? { pointInTime: request.to } : {}),
    dryRun: request.dryRun,
  };
};

/**
 * Runs `work` on the source that the request names. Without a name it tries the verified backups with rows, the newest
 * first, until one has rows of the scope. An empty backup could only delete. The caller holds the tenant's lock.
 * @param options.mayBeEmpty takes the newest backup where none has a row of the scope, for a copy that deletes nothing.
 * @throws RingfenceError `backup_not_found`; `scope_empty` when no backup has any.
 */
export const fromSource = async <T>(
  runtime: Runtime,
  tenant: RegisteredTenant,
  request: RestoreRequest,
  work: RestoreWork<T>,
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {},
): Promise<T> => {
  const selection = selectRows(tenant, request);
  if (request.to) {
    const takenAt = request.to;
    const admin = await runtime.target.adminConnection(tenant.cell);
    return withArchiveAt(runtime, tenant, takenAt, (archive) =>
      work(
        { ...selection, ...archive, admin, caller: runtime.caller },
        { backupId: null, takenAt, backupRows: null },
      ),
    );
  }
  const from = (backupId: string, mustHaveRows: boolean): Promise<T> =>
    withBackup(runtime, tenant, backupId, ({ backup, source }) => {
      const { id, startedAt: takenAt, rows: backupRows } = backup;
      return work({ ...selection, ...source, mustHaveRows }, { backupId: id, takenAt, backupRows });
    });
  if (request.at) return from(await lastBackupAt(runtime, tenant.id, request.at), false);
  if (request.backupId !== undefined) return from(request.backupId, false);
  const candidates = await candidatesOf(runtime, tenant, mayBeEmpty);
  for (const { id, rows } of candidates) {
    try {
      return await from(id, rows !== 0);
    } catch (error) {
      if (!(error instanceof RingfenceError) || error.code !== 'scope_empty') throw error;
    }
  }
  throw new RingfenceError(
    'scope_empty',
    `the verified backups of tenant ${tenant.slug} have no row in this scope (${candidates.length} were read)`,
    { fix: 'choose other clinics, tables or conditions, or a moment with --to' },
  );
};

/** Verified backups with rows, newest first. Where none is verified, as in a catalogue that was made again, the stored ones. */
const candidatesOf = async (
  { control }: Runtime,
  tenant: RegisteredTenant,
  mayBeEmpty: boolean,
): Promise<BackupRecord[]> => {
  const backups = await listBackups(control, tenant.id);
  const verified = backups.filter(({ state }) => state === 'verified');
  const good = verified.length > 0 ? verified : backups.filter(({ state }) => state === 'stored');
  const candidates = good.filter(({ rows }) => rows !== 0);
  if (candidates.length > 0) return candidates;
  // Throws where there is no backup at all.
  const newest = await chooseBackup(control, tenant.id);
  if (mayBeEmpty) return [newest];
  throw new RingfenceError('backup_not_found', `tenant ${tenant.slug} has no verified backup with a row`, {
    fix: 'see `ringfence backups list`; name one with --backup, or a moment with --to',
  });
};

const clinicIdOf = ({ slug, clinicIds }: RegisteredTenant, clinic: string): string => {
  const id = Object.hasOwn(clinicIds, clinic) ? clinicIds[clinic] : undefined;
  if (id !== undefined) return id;
  throw new RingfenceError('clinic_not_found', `tenant ${slug} has no clinic ${clinic}`, {
    fix: `choose from: ${Object.keys(clinicIds).sort().join(', ')}`,
  });
};

/** The last verified backup that was begun at or before a time. */
const lastBackupAt = async (runtime: Runtime, tenantId: string, at: Date): Promise<string> => {
  const verified = (await listBackups(runtime.control, tenantId)).filter(({ state }) => state === 'verified');
  const chosen = verified.find(({ startedAt }) => startedAt <= at);
  if (chosen) return chosen.id;
  const [newest, oldest] = [verified[0], verified.at(-1)];
  throw new RingfenceError(
    'backup_not_found',
    `the tenant has no verified backup of ${at.toISOString()} or before`,
    {
      fix:
        newest && oldest
          ? `the oldest is of ${oldest.startedAt.toISOString()}, the newest of ${newest.startedAt.toISOString()}`
          : 'take one with `ringfence backups run`',
    },
  );
};
