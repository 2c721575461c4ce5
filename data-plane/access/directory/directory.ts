import type pg from 'pg';
import type { Connection } from '../../database/connect.js';
import type { ContextKey } from '../context-token.js';
import type { SecurityPolicy } from '../security-policy.js';

/** The connection of an application to one cell. */
export interface CellAddress {
  readonly cell: string;
  /** The application's login, `ringfence_app`. `ssl` as `pg` takes it. */
  readonly connection: Omit<Connection, 'ssl'> & Pick<pg.ClientConfig, 'ssl'>;
  readonly contextKey: ContextKey;
  /**
   * Password of ringfence_keeper, which puts ringfence_app back when a statement has changed its password or what its
   * sessions begin with. Without it such a change locks applications out until `ringfence cells repair`.
   */
  readonly keeperPassword?: string;
  /** Set where the connection leads to PgBouncer or the like with `pool_mode = transaction`. */
  readonly pooler?: 'transaction';
  /** Standbys of the cell that take reads, with the same login. What was just written may not be there yet. */
  readonly replicas?: readonly CellAddress['connection'][];
}

/** The cell of a clinic, and the security policy of its tenant. */
export interface Located extends CellAddress {
  readonly clinicId: string;
  readonly tenantId: string;
  /** Number of the placement that is the tenant's home. The cell refuses who comes by an earlier one. */
  readonly epoch?: number;
  /** Only `active` tenants are served. */
  readonly state: string;
  readonly security: SecurityPolicy;
  /** The tenant's key opens only with one that its customer holds. */
  readonly hasCustomerKey?: boolean;
}

/** For a context token. */
export const epochOf = ({ epoch }: Pick<Located, 'epoch'>): Pick<Located, 'epoch'> =>
  epoch === undefined ? {} : { epoch };

/** A tenant that this process serves is about to move. Only a hint: it may not come, and the move may be given up. */
export interface Departure {
  /** One of its clinics, where it is still. */
  readonly located: Located;
  readonly destination: CellAddress;
}

/** Finds clinics. */
export interface Directory {
  /** @returns undefined for a clinic that is not deployed. @throws RingfenceError `database_unavailable`. */
  locate(clinicId: string): Promise<Located | undefined>;
  /** Looks again next time: the cell did not answer where it was said to be. */
  forget(clinicId: string): void;
  /** Tells of departures, so that connections are there when the tenant is. @returns what ends that. */
  onDeparture?(listener: (departure: Departure) => void): () => void;
  /** Tells that routes of a tenant, or of any, may have changed. Only a hint: it may not come. @returns what ends that. */
  onChange?(listener: (tenantId: string | undefined) => void): () => void;
  close(): Promise<void>;
}
