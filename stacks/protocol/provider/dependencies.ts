import { z } from 'zod';
import type { Whereabouts } from '../../../core/whereabouts.js';
import type { CellHistory } from '../../../data-plane/backup/cell/cell-history.js';
import type { CellCredentials } from '../../../data-plane/database/cell-credentials.js';
import type { Connection } from '../../../data-plane/database/connect.js';
import type { KeyWraps } from '../../../data-plane/keys/key-wraps.js';
import type { TenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import type { CellHost, KeyRoot, ObjectStore } from '../../../targets/target.js';

export const backupScheduleSchema = z.strictObject({
  cron: z.string(),
  timeZone: z.string(),
  retentionDays: z.int(),
  retentionWeeks: z.int(),
  retentionMonths: z.int(),
  /** The allowed age of the last good backup. */
  rpoMinutes: z.int(),
});

/** The times of a tenant's backups, and their retention. */
export type BackupSchedule = Readonly<z.infer<typeof backupScheduleSchema>>;

/** Keeps backup schedules; the control database implements it. */
export interface BackupScheduleStore {
  get(tenantId: string): Promise<BackupSchedule | undefined>;
  put(tenantId: string, schedule: BackupSchedule): Promise<void>;
  delete(tenantId: string): Promise<void>;
}

/** The object stores for backups of the cells' tenants. */
export interface ObjectStores {
  /** Where new backups go: `folder`, or `s3://<bucket>/<prefix>`. */
  readonly place: string;
  /** Days for which nobody can delete a new backup, where the place locks them. */
  readonly lockDays: number | undefined;
  /** The objects of a cell in a place that new or earlier backups went to. */
  at(place: string, cell: string): ObjectStore;
  /** Everything in a place: keys are `<cell>/<object>`. */
  all(place: string): ObjectStore;
  /** Where a place is, and every place that its holder copies it to. @throws RingfenceError config_invalid */
  whereabouts(place: string): Promise<readonly Whereabouts[]>;
}

/** Which key the customer of a tenant holds; the control database keeps it. */
export interface CustomerKeys {
  get(tenantId: string): Promise<string | null>;
  set(tenantId: string, customerKeyId: string | null): Promise<void>;
}

/** The services that the resources of a target use. Cells are given by name; nothing here is a secret by itself. */
export interface Target {
  /** Folder of a cell on this machine: a local cell's server, the credentials of any. */
  cellDir(cell: string): string;
  /** The cell's database as its administrator. @throws database_unavailable when the cell is down. */
  adminConnection(cell: string): Promise<Connection>;
  /** The cell's server, wherever it lives. */
  server(cell: string): Promise<CellHost>;
  credentials(cell: string): CellCredentials;
  readonly keyRoot: KeyRoot;
  /** The root keys of a cell that may not be recorded yet, as somebody describes it. */
  keyRootOf(cell: {
    readonly target: string;
    readonly region: string;
    readonly address: Readonly<Record<string, unknown>>;
  }): KeyRoot;
  /** The root keys of a recorded cell; of any other, those of this machine. */
  rootOfCell(cell: string): Promise<KeyRoot>;
  readonly tenantKeys: TenantKeys;
  /** The keys that customers hold. */
  readonly customerKeys: CustomerKeys;
  /** The tenants' keys under the roots of all cells that they have something in. */
  readonly keyWraps: KeyWraps;
  rootKeyId(cell: string): Promise<string>;
  /**
   * Says whether the cell had a root key already. A lost root key is not made anew, because only the first opens the
   * tenants' keys.
   */
  hadRootKey(cell: string): Promise<boolean>;
  /** @throws RingfenceError `conflict` while a tenant lives in the cell, or backups of a removed one need its root key. */
  refuseInhabited(cell: string): Promise<void>;
  readonly schedules: BackupScheduleStore;
  /** Keeps how long no client could connect to a cell, as measured at a restart for its settings. */
  noteRestart(cell: string, pauseMs: number): Promise<void>;
  readonly objects: ObjectStores;
  /** Where this machine is, by the word of its provider. Never `here`. */
  machine(): Promise<Whereabouts>;
  /** The cell's database at any moment of a window. */
  history(cell: string): Promise<CellHistory>;
  /** Called between the steps of a resource; a test ends the process here (docs/threats.md 32). */
  reached(point: string): void;
}
