import type { CellHistory } from '../data-plane/backup/cell/cell-history.js';
import type { Connection } from '../data-plane/database/connect.js';
import type { KeyRoot } from '../data-plane/keys/key-root.js';
import type { ObjectStore } from '../data-plane/objects/object-store.js';

/**
 * The ports of a target: what a place where cells live gives them. Two more are declared where the data plane needs them, with
 * their obligations, and are passed on here: `KeyRoot` (test/data-plane/keys/key-root.conformance.ts) and `ObjectStore`
 * (test/data-plane/objects/object-store.conformance.ts).
 */
export type { KeyRoot } from '../data-plane/keys/key-root.js';
export type { ObjectStore } from '../data-plane/objects/object-store.js';

/** Where a cell lives, in its target's own words: JSON that the schema of the target accepts. */
export type CellAddress = Readonly<Record<string, unknown>>;

/** A cell as its target sees it. */
export interface HostedCell {
  readonly name: string;
  readonly region: string;
  readonly address: CellAddress;
  /** The port that its stack was last deployed with; null until it was deployed whole. */
  readonly port: number | null;
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

/**
 * How the database of one cell is reached: over loopback, or over TLS from a server whose certificate is of its name and signed by
 * the authorities that the cell keeps. There is nothing else.
 *
 * Obligations of every implementation; `test/targets/network.conformance.ts` checks them:
 * - No byte is sent to a server that is reached otherwise: a connection that would be in plain text is not given.
 * - A server without TLS, with a certificate of another authority or of another name is refused before it is sent a login.
 */
export interface Network {
  /** The authorities as a file (PEM), for who connects by themselves; undefined over loopback. */
  readonly caFile: string | undefined;
  /**
   * Keeps what the server of a new cell is verified with.
   * @param caFile authorities (PEM); the provider's own when left out.
   * @throws RingfenceError config_invalid for a file without a certificate; usage where nothing is verified.
   */
  keep(caFile?: string): Promise<void>;
  /** Forgets that again. Idempotent. */
  drop(): void;
  /** @throws RingfenceError config_invalid for what cannot be reached as it must be. */
  reach(to: Pick<Connection, 'host' | 'port' | 'user' | 'password' | 'database'>): Connection;
}

/**
 * The server of one cell, whatever it is.
 *
 * Obligations of every implementation; `test/targets/cell-host.conformance.ts` checks them:
 * - `state`, `declared` and `login` start nothing.
 * - Whoever holds the server is asked anew when it may have changed, so that a password or an address that they change is followed;
 *   what they do not answer is no loss.
 * - The administrator may make roles and databases, and is a superuser where the target says so.
 * - A server that is not ours is neither stopped nor changed but for what is in the cell's database and its roles.
 */
export interface CellHost {
  readonly network: Network;
  /** `unreachable` when its provider does not tell; `lost` when there was data and it is gone. */
  state(): Promise<'absent' | 'stopped' | 'running' | 'unreachable' | 'lost'>;
  /** How the program declares it. @param port wanted for a local one; undefined as it is, or any free one. */
  declared(port?: number): Promise<DeclaredServer>;
  /** The login that it has or will have. */
  login(port?: number): Promise<ServerCredentials>;
  /**
   * Makes one that is there ready for the engine. Idempotent.
   * @returns how many days of history its provider keeps, where that is the provider's affair.
   * @throws RingfenceError when it is not fit for a cell.
   */
  prepare(port?: number): Promise<{ keptDays?: number }>;
  /** Runs again, when it is ours, so that what is in it can be removed. */
  wake(): Promise<void>;
  /** @throws RingfenceError usage for one that is not ours to stop. */
  stop(): Promise<void>;
  /**
   * The cell's database as its administrator; a server of ours that does not run is started.
   * @throws RingfenceError database_unavailable, data_lost, cell_not_found, or what its provider says.
   */
  adminConnection(): Promise<Connection>;
  /** What the cell's database was at any moment of a window. */
  history(): CellHistory;
}

/** The places of one kind that objects lie in, as backups record them: `folder`, or `s3://<bucket>/<prefix>`. */
export interface ObjectPlaces {
  /** How RINGFENCE_OBJECTS names one; null for what a project has without it. */
  readonly form: string | null;
  /** The one that RINGFENCE_OBJECTS asks for, without its options, and the days for which nobody can delete what is put there. */
  readonly chosen: { readonly place: string; readonly lockDays: number | undefined } | undefined;
  /** Whether a place is of this kind. */
  holds(place: string): boolean;
  /** The objects of a cell in one; of all cells for ''. @throws RingfenceError config_invalid */
  at(place: string, cell: string): ObjectStore;
}

/** What a target gets of the project. */
export interface TargetContext {
  /** The project's `.ringfence`. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Called between steps; a test ends the process here. */
  readonly reached: (point: string) => void;
  /** Told what is waited for. */
  readonly say: (line: string) => void;
}

/** A target at work for one project. */
export interface OpenTarget {
  /** Has the root keys of the cells that live there. */
  readonly keyRoot: KeyRoot;
  /** @throws RingfenceError config_invalid for a cell whose address is none of this target. */
  host(cell: HostedCell): CellHost;
}
