import type { ServerPart, Whereabouts } from '../core/whereabouts.js';
import type { CellHistory } from '../data-plane/backup/cell/cell-history.js';
import type { Connection } from '../data-plane/database/connect.js';
import type { KeyRoot } from '../data-plane/keys/key-root.js';
import type { ObjectStore } from '../data-plane/objects/object-store.js';
import type { FailoverOptions, FailoverPlan } from '../data-plane/replica/fail-over.js';
import type { ReplicaStatus } from '../data-plane/replica/replica-status.js';

/**
 * The ports of a target, which is a place where cells live. The data plane declares two more, with their obligations, which
 * are passed on here: `KeyRoot` (test/data-plane/keys/key-root.conformance.ts) and `ObjectStore`
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

/** The server that a cell's program declares: a new one on this machine, or an existing one. */
export type DeclaredServer =
  | { readonly kind: 'local'; readonly port: number | undefined }
  | { readonly kind: 'existing'; readonly host: string; readonly port: number };

/**
 * The network way to the database of one cell: over loopback, or over TLS to a server whose certificate has its name and is
 * signed by the cell's authorities. There is no other way.
 *
 * Obligations of every implementation; `test/targets/network.conformance.ts` checks them:
 * - No byte goes to a server in another way: it gives no connection in plain text.
 * - It refuses a server without TLS, with a certificate of another authority or of another name, before it sends a login.
 */
export interface Network {
  /** The authorities as a file (PEM), for callers that connect by themselves; undefined over loopback. */
  readonly caFile: string | undefined;
  /**
   * Keeps the authorities that verify the server of a new cell.
   * @param caFile authorities (PEM); the provider's own when left out.
   * @throws RingfenceError config_invalid for a file without a certificate; usage over loopback, where nothing is verified.
   */
  keep(caFile?: string): Promise<void>;
  /** Forgets that again. Idempotent. */
  drop(): void;
  /** @throws RingfenceError config_invalid for a server that cannot be reached in this way. */
  reach(to: Pick<Connection, 'host' | 'port' | 'user' | 'password' | 'database'>): Connection;
}

/**
 * The server of one cell, whatever it is.
 *
 * Obligations of every implementation; `test/targets/cell-host.conformance.ts` checks them:
 * - `state`, `declared`, `login` and `whereabouts` start nothing.
 * - It asks the holder of the server again when something may have changed, so that it follows a changed password or
 *   address. A missing answer is no loss of data.
 * - The administrator may make roles and databases, and is a superuser where the target says so.
 * - It does not stop or change a server that is not ours, except for the cell's database and its roles.
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
   * Makes an existing server ready for the engine. Idempotent.
   * @returns the days of history that its provider keeps, where the provider decides this.
   * @throws RingfenceError when the server is not fit for a cell.
   */
  prepare(port?: number): Promise<{ keptDays?: number }>;
  /**
   * Starts a server of ours again, so that its content can be removed.
   * @throws RingfenceError conflict for one of ours that its provider protects from deletion.
   */
  wake(): Promise<void>;
  /** @throws RingfenceError usage for a server that is not ours to stop. */
  stop(): Promise<void>;
  /**
   * The cell's database as its administrator; a server of ours that does not run is started.
   * @throws RingfenceError database_unavailable, data_lost, cell_not_found, or what its provider says.
   */
  adminConnection(): Promise<Connection>;
  /** The cell's database at any moment of a window. */
  history(): CellHistory;
  /** Its replica, as it is; undefined without one that is ours. Starts nothing. */
  replica(): Promise<ReplicaStatus | undefined>;
  /** What letting the replica take over would lose. @throws RingfenceError `conflict` without one, `usage` where its provider does that. */
  planFailover(): Promise<FailoverPlan>;
  /** Lets the replica take over. @throws RingfenceError as failOver, `usage` where its provider does that. */
  failOver(options: FailoverOptions): Promise<string | null>;
  /** How this server reads the stream of another one, and is read, in a move. */
  readonly streams: StreamAccess;
  /**
   * Where a part of the server is, and every copy of that part that its holder knows. What its holder does not tell is
   * `unknown`; a part that there is not is `none`, and only where the holder was asked. The region of the cell, which is a
   * label of ours, is no answer.
   */
  whereabouts(part: ServerPart): Promise<readonly Whereabouts[]>;
}

/** How a server takes part in streams between two servers. */
interface StreamAccess {
  /** The role whose members may read its streams, where its provider keeps the attribute REPLICATION to itself; null elsewhere. */
  readonly group: string | null;
  /**
   * Keeps a password by which it reads the stream of another one, where nobody else reads it.
   * @returns the parameters of libpq that lead there, and say how the other server is verified. They hold the password only where the
   * server has no place of its own for it.
   * @throws RingfenceError `conflict` where a server cannot subscribe.
   */
  keep(name: string, login: { readonly user: string; readonly password: string }): Promise<string>;
  /** Idempotent. */
  drop(name: string): Promise<void>;
  /** Names of those that are kept beside the server. */
  list(): Promise<readonly string[]>;
}

/** The places of one kind that objects lie in, as backups record them: `folder`, or `s3://<bucket>/<prefix>`. */
export interface ObjectPlaces {
  /** The form of such a place in RINGFENCE_OBJECTS; null for the default. */
  readonly form: string | null;
  /** The place in RINGFENCE_OBJECTS, without its options, and the days for which nobody can delete an object there. */
  readonly chosen: { readonly place: string; readonly lockDays: number | undefined } | undefined;
  /** Whether a place is of this kind. */
  holds(place: string): boolean;
  /** The objects of a cell in such a place; of all cells for ''. @throws RingfenceError config_invalid */
  at(place: string, cell: string): ObjectStore;
  /** Where such a place is, and every place that its holder copies it to. As `CellHost.whereabouts`. */
  whereabouts(place: string): Promise<readonly Whereabouts[]>;
}

/** The context that a target gets from the project. */
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
  /** The root keys of a cell that lives there. @throws RingfenceError config_invalid for an address that is none of this target. */
  keyRoot(cell: Pick<HostedCell, 'region' | 'address'>): KeyRoot;
  /** Every kind of root that cells there may have: what one of them wrapped is opened by the kind that knows its root key. */
  readonly keyRoots: readonly KeyRoot[];
  /** @throws RingfenceError config_invalid for a cell whose address is none of this target. */
  host(cell: HostedCell): CellHost;
}
