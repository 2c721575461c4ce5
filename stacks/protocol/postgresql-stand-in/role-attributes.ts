import { z } from 'zod';

/** Defaults that the plugin writes into a role's inputs. */
export const WRITTEN_FOR_ROLES = {
  connectionLimit: -1,
  encryptedPassword: true as const,
  inherit: true,
  validUntil: 'infinity',
};

const timeoutMs = z.number().int().min(0).default(0);
const flag = z.boolean().default(false);

/**
 * The inputs of `postgresql:index/role:Role`, as the plugin defines and defaults them, but no password: Ringfence sets a
 * SCRAM verifier out of the engine's sight.
 */
export const roleAttributes = z.strictObject({
  name: z.string().min(1).max(63),
  login: flag,
  inherit: z.boolean().default(WRITTEN_FOR_ROLES.inherit),
  superuser: flag,
  createDatabase: flag,
  createRole: flag,
  replication: flag,
  bypassRowLevelSecurity: flag,
  connectionLimit: z.number().int().min(-1).default(WRITTEN_FOR_ROLES.connectionLimit),
  validUntil: z.string().default(WRITTEN_FOR_ROLES.validUntil),
  /** Of which it is a member; their order means nothing. */
  roles: z
    .array(z.string())
    .default([])
    .transform((names) => [...names].sort()),
  searchPaths: z.array(z.string().regex(/^(?!.*, )/)).default([]),
  statementTimeout: timeoutMs,
  idleInTransactionSessionTimeout: timeoutMs,
  assumeRole: z.string().default(''),
  encryptedPassword: z.literal(true).default(WRITTEN_FOR_ROLES.encryptedPassword),
  skipDropRole: flag,
  skipReassignOwned: flag,
});
export type RoleAttributes = z.infer<typeof roleAttributes>;
