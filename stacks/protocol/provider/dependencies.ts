import type { CellHistory } from '../../../data-plane/backup/cell/cell-history.js';
import type { CellCredentials } from '../../../data-plane/database/cell-credentials.js';
import type { Connection } from '../../../data-plane/database/connect.js';
import type { KeyRoot } from '../../../data-plane/keys/key-root.js';
import type { KeyWraps } from '../../../data-plane/keys/key-wraps.js';
import type { TenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import type { ObjectStore } from '../../../data-plane/objects/object-store.js';

/** When a tenant is backed up and how long backups are kept. */
export interface BackupSchedule {
  readonly cron: string;
  readonly timeZone: string;
  readonly retentionDays: number;
  readonly retentionWeeks: number;
  readonly retentionMonths: number;
  /** How old the last good backup may be. */
  readonly rpoMinutes: number;
}

/** Keeps backup schedules; the control database implements it. */
export interface BackupScheduleStore {
  get(tenantId: string): Promise<BackupSchedule | undefined>;
  put(tenantId: string, schedule: BackupSchedule): Promise<void>;
  delete(tenantId: string): Promise<void>;
}

/** Where the backups of the cells' tenants are kept. */
export interface ObjectStores {
  /** Where new backups go: `folder`, or `s3://<bucket>/<prefix>`. */
  readonly place: string;
  /** Days for which nobody can delete a new backup, where the place locks them. */
  readonly lockDays: number | undefined;
  /** The objects of a cell in a place that new or earlier backups went to. */
  at(place: string, cell: string): ObjectStore;
  /** Everything in a place: keys are `<cell>/<object>`. */
  all(place: string): ObjectStore;
}

/** An administrator as a program names it, and for a server that is reached over TLS the file of its authorities (PEM). */
export interface ServerLogin {
  readonly user: string;
  readonly caFile?: string;
}

/** An administrator who can log in. No program gets the password: the engine writes down what a program says. */
export interface ServerCredentials extends ServerLogin {
  readonly password: string;
}

/** Which server a cell's program declares: one that it makes on this machine, or one that is there already. */
export type DeclaredServer =
  | { readonly kind: 'local'; readonly port: number | undefined }
  | { readonly kind: 'existing'; readonly host: string; readonly port: number };

/** The server of one cell, whatever it is. */
export interface CellServer {
  /** Its administrator is a superuser: the isolation suite becomes other logins' sessions. */
  readonly hasSuperuser: boolean;
  /** `unreachable` when its provider does not tell; `lost` when there was data and it is gone. */
  state(): Promise<'absent' | 'stopped' | 'running' | 'unreachable' | 'lost'>;
  /** How the program declares it. @param port wanted for a local one; undefined as it is, or any free one. */
  declared(port?: number): Promise<DeclaredServer>;
  /** The login that it has or will have. */
  login(port?: number): Promise<ServerCredentials>;
  /** Runs again, when it is ours, so that what is in it can be removed. */
  wake(): Promise<void>;
  /**
   * Makes one that is there ready for the engine.
   * @returns how many days of history its provider keeps, where that is the provider's affair.
   * @throws RingfenceError when it is not fit for a cell.
   */
  prepare(port?: number): Promise<{ keptDays?: number }>;
  /** @throws RingfenceError usage for one that is not ours to stop. */
  stop(): Promise<void>;
}

/** What the resources of a target work with. Cells are named; nothing here is a secret by itself. */
export interface Target {
  /** Folder of a cell on this machine: a local cell's server, the credentials of any. */
  cellDir(cell: string): string;
  /** The cell's database as its administrator. @throws database_unavailable when the cell is down. */
  adminConnection(cell: string): Promise<Connection>;
  server(cell: string): Promise<CellServer>;
  credentials(cell: string): CellCredentials;
  readonly keyRoot: KeyRoot;
  readonly tenantKeys: TenantKeys;
  /** The tenants' keys under the roots of all cells that they have something in. */
  readonly keyWraps: KeyWraps;
  rootKeyId(cell: string): Promise<string>;
  /** Whether the cell had a root key already: one that is lost is not made anew, because the first opens the tenants' keys. */
  hadRootKey(cell: string): Promise<boolean>;
  /** @throws RingfenceError `conflict` while a tenant lives in the cell, or backups of a removed one need its root key. */
  refuseInhabited(cell: string): Promise<void>;
  readonly schedules: BackupScheduleStore;
  readonly objects: ObjectStores;
  /** What the cell's database was at any moment of a window. */
  history(cell: string): Promise<CellHistory>;
  /** Called between the steps of a resource; a test ends the process here (docs/threats.md 32). */
  reached(point: string): void;
}
