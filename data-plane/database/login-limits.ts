/**
 * Time limits of the logins of applications, which the engine declares (stacks/programs/cell.ts) and preparing a cell sets. In digits:
 * the plugin of @pulumi/postgresql reads no units.
 */
export const APP_LIMITS = { idleInTransactionSessionTimeout: 60_000 } as const;

/**
 * What only a superuser may set, so that no statement of a tenant takes it away; a provider that keeps the superuser to itself sets
 * it for all (docs/isolation-testing.md). Errors repeat values, which do not belong into the server's log: what is slow, lost or
 * ended is still logged. Temporary files of one session are bounded.
 */
export const SUPERUSER_LIMITS = ['log_min_messages=log', 'temp_file_limit=5GB'] as const;

/** Connections that administration, backups and replication keep of a server. */
const RESERVED_CONNECTIONS = 10;

/** How many connections one tenant's own login may open at most, of a server with that many. */
export const tenantConnections = (maxConnections: number): number => maxConnections - RESERVED_CONNECTIONS;

/** The keeper's one statement takes milliseconds. */
export const KEEPER_LIMITS = { idleInTransactionSessionTimeout: 5_000, statementTimeout: 10_000 } as const;
