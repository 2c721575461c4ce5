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
GRANT USAGE ON SCHEMA ringfence TO ringfence_owner, ringfence_app, ringfence_keeper, ringfence_tenant, ringfence_gate;
GRANT USAGE ON SCHEMA ringfence_private TO ringfence_gate;
DO $$ BEGIN
  IF ringfence_private.is_managed() THEN
    -- Who is not a superuser gives objects only to a role that could have made them; managed-cell.sql takes it back.
    GRANT CREATE ON SCHEMA ringfence, ringfence_private TO ringfence_owner, ringfence_gate;
  ELSE
    GRANT SET ON PARAMETER backtrace_functions TO ringfence_gate;
    GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean),
      pg_catalog.pg_try_advisory_xact_lock_shared(integer, integer) TO ringfence_gate;
  END IF;
END $$;

-- An HMAC-SHA256 key as its two padded blocks (RFC 2104), so that the built-in sha256() is enough. Two are valid for a
-- while when the key is rotated: the earlier one until `valid_until`.
CREATE TABLE ringfence_private.context_keys (
  key_id     smallint PRIMARY KEY CHECK (key_id BETWEEN 1 AND 255),
  inner_pad  bytea NOT NULL CHECK (octet_length(inner_pad) = 64),
  outer_pad  bytea NOT NULL CHECK (octet_length(outer_pad) = 64),
  created_at timestamptz NOT NULL DEFAULT now(),
  valid_until timestamptz NOT NULL DEFAULT 'infinity'
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

-- Whether this user may lock or change rows at all. It stands in a policy for UPDATE, which SELECT ... FOR UPDATE asks as well:
-- who only reads would hold up everybody else's writes by it.
CREATE FUNCTION ringfence.may_lock() RETURNS boolean
  LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
  IF ringfence.current_staff_role() IN ('auditor', 'super_admin') THEN
    RAISE EXCEPTION 'ringfence: this user reads, and neither locks nor changes rows' USING ERRCODE = 'RF004';
  END IF;
  RETURN true;
END
$$;

-- What a missing context means: the administrator, who is known by who it is, or nobody. A context can come after a check that
-- found none, when it is entered inside of the statement.
CREATE FUNCTION ringfence.require_administrator() RETURNS void
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT ringfence_private.is_administrator() THEN
    RAISE EXCEPTION 'ringfence: no clinic was entered before this statement' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Enter the clinic in a statement of its own.';
  END IF;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ringfence FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ringfence
  TO ringfence_owner, ringfence_app, ringfence_tenant, ringfence_gate;

-- A type whose values cannot be printed. A value of it stands in every plan over tenant tables, and EXPLAIN prints the values of a
-- plan's conditions: so no plan is shown, however it was made, kept or asked for. Its functions are Postgres's own, which only
-- a superuser may use for a type; in a managed cell it can be printed.
CREATE FUNCTION ringfence_private.make_plan_mark() RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
BEGIN
  IF to_regtype('ringfence.plan_mark') IS NOT NULL THEN
    RETURN;
  END IF;
  IF ringfence_private.is_managed() THEN
    CREATE DOMAIN ringfence.plan_mark AS integer;
  ELSE
    CREATE TYPE ringfence.plan_mark;
    CREATE FUNCTION ringfence.plan_mark_in(cstring) RETURNS ringfence.plan_mark
      LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4in';
    CREATE FUNCTION ringfence.plan_mark_out(ringfence.plan_mark) RETURNS cstring
      LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'any_out';
    CREATE TYPE ringfence.plan_mark (INPUT = ringfence.plan_mark_in, OUTPUT = ringfence.plan_mark_out, LIKE = integer);
  END IF;
END
$$;
SELECT ringfence_private.make_plan_mark();

-- The mark of a plan; NULL, which can be printed, in one of the administrator. A plan's estimates come from the rows of all
-- clinics (comparisons of uuid, text and timestamptz are leakproof). IMMUTABLE, so the planner runs it, once, and its value stays
-- in the plan. A plan that the server is told to send while it is made, and an EXPLAIN that is easily seen, are refused here.
CREATE FUNCTION ringfence.plan_mark() RETURNS ringfence.plan_mark
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
  IF pg_catalog.pg_has_role(session_user, 'ringfence_owner', 'MEMBER') THEN
    RETURN NULL;
  END IF;
  IF pg_catalog.current_setting('debug_print_plan') OPERATOR(pg_catalog.=) 'on'
     OR pg_catalog.current_query() OPERATOR(pg_catalog.~*) '^\s*explain\M' THEN
    RAISE EXCEPTION 'ringfence: plans are for the administrator: their estimates tell of every clinic'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN '1'::ringfence.plan_mark;
END
$$;
REVOKE ALL ON FUNCTION ringfence.plan_mark(), ringfence_private.make_plan_mark() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ringfence.plan_mark() TO ringfence_owner, ringfence_app, ringfence_tenant, ringfence_gate;

-- Down Migration
DROP SCHEMA ringfence_private CASCADE;
DROP SCHEMA ringfence CASCADE;
