import { changed } from './changed.js';
import type { Mutant } from './mutant.js';

const scenarios = ['forged-badge'] as const;

const ENTER = 'ringfence.enter(bytea)';
const SOUND = 'ringfence_private.is_sound(bytea,uuid,bytea,bytea)';

/** Mutants of the context token and of entering. */
export const CONTEXT_MUTANTS: readonly Mutant[] = [
  {
    id: 'unsigned-token',
    removes: 'the signature of the context token',
    isolation: [12],
    sql: changed(
      SOUND,
      'sha256(outer_pad || sha256(inner_pad || substring(token FROM 1 FOR octet_length(token) - 32))) = substring(token FROM octet_length(token) - 31)',
      'true',
    ),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'short-signature',
    removes: 'all but the first byte of the signature',
    isolation: [12],
    sql: changed(
      SOUND,
      'octet_length(token) - 32))) = substring(token FROM octet_length(token) - 31)',
      'octet_length(token) - 32))) >= substring(token FROM octet_length(token) - 31 FOR 1) AND get_byte(sha256(outer_pad || sha256(inner_pad || substring(token FROM 1 FOR octet_length(token) - 32))), 0) = get_byte(token, octet_length(token) - 32)',
    ),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'token-without-expiry',
    removes: 'the expiry of the context token',
    isolation: [12],
    sql: changed(
      SOUND,
      'substring(token FROM 7 FOR 8) > int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint)',
      'true',
    ),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'token-of-any-connection',
    removes: 'the binding of the token to one connection',
    isolation: [12],
    sql: changed(SOUND, 'substring(token FROM 3 FOR 4) = int4send(pg_backend_pid())', 'true'),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'token-of-any-tenant',
    removes: "the check that the clinic is the tenant's",
    isolation: [12],
    sql: changed(SOUND, 'substring(token FROM 15 FOR 16) = uuid_send(tenant_id)', 'true'),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'suspended-tenant',
    removes: 'the refusal of a suspended tenant',
    isolation: [20],
    sql: changed(ENTER, 'IF NOT door.open THEN', 'IF false THEN'),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'login-of-any-tenant',
    removes: "the check that a tenant's own login enters clinics of that tenant only",
    isolation: [13],
    sql: changed(
      ENTER,
      "session_user <> 'ringfence_app' AND session_user IS DISTINCT FROM door.login_role",
      'false',
    ),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'second-enter',
    removes: 'the rule of one clinic a transaction',
    isolation: [11, 12],
    sql: changed(ENTER, "IF current_setting('backtrace_functions') <> '' THEN", 'IF false THEN'),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'context-of-the-session',
    removes: 'the end of the context with its transaction',
    isolation: [11],
    sql: changed(ENTER, '|| role, true)', '|| role, false)'),
    scenarios: ['crossed-wires'],
    caughtBy: 'attack',
  },
  {
    id: 'immutable-context',
    removes: "the volatility of current_clinic(): a plan of one clinic is another one's",
    isolation: [10],
    sql: 'ALTER FUNCTION ringfence.current_clinic() IMMUTABLE',
    scenarios: ['side-door'],
    caughtBy: 'catalogue',
  },
  {
    id: 'unassigned-user',
    removes: 'the check that a user is assigned to the clinic',
    isolation: [20, 37],
    sql: changed(ENTER, 'IF role IS NULL THEN', "role := coalesce(role, 'owner'); IF role IS NULL THEN"),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'writable-context',
    removes: 'the privilege of the setting that holds the context',
    isolation: [12],
    sql: 'GRANT SET ON PARAMETER backtrace_functions TO ringfence_app',
    undo: 'REVOKE SET ON PARAMETER backtrace_functions FROM ringfence_app',
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'readable-keys',
    removes: 'the secrecy of the keys that sign context tokens',
    isolation: [12],
    sql: `GRANT USAGE ON SCHEMA ringfence_private TO ringfence_app; GRANT SELECT ON ringfence_private.context_keys TO ringfence_app`,
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'gate-for-all',
    removes: 'the separation of the role that writes the context',
    isolation: [13],
    sql: 'GRANT ringfence_gate TO ringfence_app',
    undo: 'REVOKE ringfence_gate FROM ringfence_app',
    scenarios,
    caughtBy: 'attack',
  },
];
