-- Up Migration

-- The tenant context (isolation: a context that SQL cannot forge).
--
-- `enter(token)` verifies a signed token once a transaction and records the clinic in a setting that
-- only a superuser, or a role with GRANT SET ON PARAMETER, may write: `backtrace_functions`. The role
-- ringfence_gate has that right and owns `enter`; the application's roles have not, so neither SET nor
-- set_config() nor ALTER ROLE nor connection options can forge the clinic. Being a setting and not a
-- table, it costs a policy about a microsecond, serves parallel workers and standbys, is undone by
-- ROLLBACK TO, and is empty again after COMMIT. Postgres itself only compares the value with names of C
-- functions when an error is logged; 32 hex digits in front match none.

CREATE SCHEMA ringfence;
CREATE SCHEMA IF NOT EXISTS ringfence_private;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA ringfence TO ringfence_owner, ringfence_app, ringfence_tenant, ringfence_gate;
GRANT USAGE ON SCHEMA ringfence_private TO ringfence_gate;
DO $$ BEGIN
  IF ringfence_private.is_managed() THEN
    -- Who is not a superuser gives objects only to a role that could have made them; managed-cell.sql takes it back.
    GRANT CREATE ON SCHEMA ringfence, ringfence_private TO ringfence_owner, ringfence_gate;
  ELSE
    GRANT SET ON PARAMETER backtrace_functions TO ringfence_gate;
  END IF;
END $$;

-- An HMAC-SHA256 key as its two padded blocks (RFC 2104), so that the built-in sha256() is enough.
CREATE TABLE ringfence_private.context_keys (
  key_id     smallint PRIMARY KEY CHECK (key_id BETWEEN 1 AND 255),
  inner_pad  bytea NOT NULL CHECK (octet_length(inner_pad) = 64),
  outer_pad  bytea NOT NULL CHECK (octet_length(outer_pad) = 64),
  created_at timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON ringfence_private.context_keys FROM PUBLIC;

-- The setting holds <clinic, 32 hex digits>_<user, 32 hex digits>_<r or w>_<role>[,department...].
CREATE FUNCTION ringfence.current_clinic() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(left(current_setting('backtrace_functions'), 32), '')::uuid $$;
COMMENT ON FUNCTION ringfence.current_clinic() IS
  'The clinic of this transaction, or NULL outside a tenant context (no row is visible then).';

CREATE FUNCTION ringfence.current_actor() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(substr(current_setting('backtrace_functions'), 34, 32), '')::uuid $$;
COMMENT ON FUNCTION ringfence.current_actor() IS
  'The user of this transaction; the nil uuid for the service itself, NULL outside a tenant context.';

CREATE FUNCTION ringfence.current_staff_role() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(split_part(substr(current_setting('backtrace_functions'), 69), ',', 1), '') $$;
COMMENT ON FUNCTION ringfence.current_staff_role() IS
  'owner, admin, doctor, assistant, reception, auditor, super_admin or service; NULL outside a tenant context.';

CREATE FUNCTION ringfence.current_departments() RETURNS text[]
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif((string_to_array(substr(current_setting('backtrace_functions'), 69), ','))[2:], '{}') $$;
COMMENT ON FUNCTION ringfence.current_departments() IS
  'The departments that the user is kept to; NULL for all of them.';

CREATE FUNCTION ringfence.may_write() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT substr(current_setting('backtrace_functions'), 67, 1) = 'w' $$;
COMMENT ON FUNCTION ringfence.may_write() IS
  'Whether the clinic''s subscription lets this transaction write.';

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ringfence FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ringfence
  TO ringfence_owner, ringfence_app, ringfence_tenant, ringfence_gate;

-- Down Migration
DROP SCHEMA ringfence_private CASCADE;
DROP SCHEMA ringfence CASCADE;
