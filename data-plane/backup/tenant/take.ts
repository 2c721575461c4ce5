import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import type { ContextKey } from '../../access/context-token.js';
import { type Connection, withConnection } from '../../database/connect.js';
import { cellSchemaHash } from '../../database/schema-hash.js';
import { deriveKey } from '../../keys/derive-key.js';
import type { TenantKey } from '../../keys/tenant-key.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { type ChunkIndex, openChunkIndex, type RecordPlace } from '../archive/chunk-index.js';
import { archiveObjectKey, storeArchive, storedArchive } from '../archive/in-store.js';
import type { ArchiveSubject } from '../archive/manifest.js';
import { copyInTurn } from './copy-in-turn.js';
import { summarise, type TableDigest, type TenantDigest } from './digest.js';
import { tenantSections } from './sections.js';
import { exportSnapshot, withSnapshot } from './snapshot.js';
import { assertSameRows, countClinics, countVisible, readActiveClinics } from './visible-rows.js';

/** The content of a backup. `digest` equals `tenantDigest` of the same rows. */
export interface BackupResult extends TenantDigest {
  /** Size of the archive in the store. */
  readonly storedBytes: number;
  /** For the backup that goes on from this one. */
  readonly manifestPlace: RecordPlace;
  /** Backups whose archives this one refers to; none for a full one. */
  readonly bases: readonly string[];
}

/** A verified backup of the same tenant, store and key version, to refer to for what has not changed since. */
export interface PreviousBackup {
  readonly backupId: string;
  readonly manifestPlace: RecordPlace;
}

/** Which archive: the key must be the tenant's, of the version that the archive was made with. */
export interface ArchivePlace {
  readonly tenantId: string;
  readonly key: TenantKey;
  readonly store: ObjectStore;
  readonly objectKey: string;
  readonly backupId: string;
}

/**
 * Backs up every row of a tenant in this cell, closed clinics included, as of one moment. The archive appears in the
 * store whole or not at all. Other work on the cell goes on meanwhile.
 *
 * Each table's rows are counted again as the application sees them under row-level security, in the same snapshot, so
 * a policy that hides rows from either side fails the backup (isolation: backup and restore). Clinics that nobody may
 * enter (closed, or of a suspended tenant) are counted by the administrator.
 *
 * @throws RingfenceError tenant_not_found when it has no clinic in this cell; backup_empty or backup_refused, naming a table, when the counts differ; database_refused when
 *   row-level security binds the administrator; a failure of the store as it is.
 */
export const takeBackup = (
  options: ArchivePlace & {
    /** An administrator whom row-level security does not bind. */
    readonly admin: Connection;
    /** The login ringfence_app. */
    readonly app: Connection;
    readonly contextKey: ContextKey;
    /** For so long nobody can delete the archive, where the store locks objects. */
    readonly retainDays?: number;
    readonly now: () => Date;
    /** The catalogue's description of the tenant; it is sealed into the archive. */
    readonly about?: ArchiveSubject;
    /** Without it, a full backup. */
    readonly previous?: PreviousBackup | undefined;
  },
): Promise<BackupResult> => {
  const { tenantId, key, contextKey, now, previous } = options;
  const backupKey = deriveKey(key, { purpose: 'backup' });
  return withConnection(options.app, (app) =>
    withSnapshot(options.admin, async (admin) => {
      const snapshot = await exportSnapshot(admin);
      const { sections, tables } = await tenantSections(admin, tenantId);
      const clinics = await readActiveClinics(admin, tenantId);
      if (clinics.active.length + clinics.hidden.length === 0) throw unknownTenant(tenantId);
      // Beside the copying, on the other connection.
      const counting = countVisible(app, {
        tables,
        tenantId,
        clinicIds: clinics.active,
        snapshot,
        contextKey,
        now,
      });
      counting.catch(() => undefined);
      const hidden =
        clinics.hidden.length > 0 ? await countClinics(admin, tables, clinics.hidden) : new Map();

      const copied: TableDigest[] = [];
      const archive = {
        key: backupKey,
        ...(previous ? { previous: await previousChunks(options, backupKey, previous) } : {}),
        header: { tenantId, backupId: options.backupId, keyVersion: key.version },
        schemaVersion: cellSchemaHash(),
        about: options.about,
        now,
      };
      const { manifest, manifestPlace, storedBytes } = await storeArchive(
        options,
        archive,
        async (writer) => {
          const writeSections = async (beside: pg.Client): Promise<void> => {
            const copies = copyInTurn([admin, beside], sections);
            for await (const { section, copy } of copies) {
              const { name, columns } = section;
              const { rows, bytes, sha256 } = await writer.section(name, columns, copy.bytes, copy.rows);
              copied.push({ table: name, rows, bytes, sha256 });
            }
          };
          await withSnapshot(options.admin, writeSections, snapshot);
          assertSameRows(summarise(copied).tables, await counting, hidden);
        },
      );
      return { ...summarise(copied), storedBytes, manifestPlace, bases: manifest.bases ?? [] };
    }),
  );
};

const previousChunks = (
  { tenantId, key, store }: ArchivePlace,
  backupKey: Buffer,
  { backupId, manifestPlace }: PreviousBackup,
): Promise<ChunkIndex> =>
  openChunkIndex({
    source: storedArchive(store, archiveObjectKey(tenantId, backupId)),
    key: backupKey,
    expected: { tenantId, backupId, keyVersion: key.version },
    manifestPlace,
  });

const unknownTenant = (tenantId: string): RingfenceError =>
  new RingfenceError('tenant_not_found', `the tenant ${tenantId} has no clinic in this cell`, {
    fix: 'take the backup in the cell where the tenant lives',
  });
