/**
 * Time limits of the logins of applications, which the engine declares (stacks/cell.ts) and preparing a cell sets. In digits:
 * the plugin of @pulumi/postgresql reads no units.
 */
export const APP_LIMITS = { idleInTransactionSessionTimeout: 60_000 } as const;

/** The keeper's one statement takes milliseconds. */
export const KEEPER_LIMITS = { idleInTransactionSessionTimeout: 5_000, statementTimeout: 10_000 } as const;
