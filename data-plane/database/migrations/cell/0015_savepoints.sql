-- Up Migration

-- Nothing but this tells a function that it runs in a savepoint, or in a block that catches errors: Postgres exports no snapshot there.
-- SQLSTATE 25001.
CREATE FUNCTION ringfence_private.require_no_savepoint() RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM pg_export_snapshot();
END
$$;
REVOKE ALL ON FUNCTION ringfence_private.require_no_savepoint() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ringfence_private.require_no_savepoint() TO ringfence_gate;
DO $$ BEGIN
  -- A managed cell withholds them from nobody.
  IF NOT ringfence_private.is_managed() THEN
    GRANT EXECUTE ON FUNCTION pg_catalog.pg_export_snapshot(), pg_catalog.pg_cursor() TO ringfence_gate;
  END IF;
END $$;

-- enter(token): the one way into a tenant's data. SQLSTATE 42501 for a bad token, RF001 for a clinic that is not
-- active or whose subscription has ended, RF002 for a user who is not assigned to the clinic, RF006 for support that the clinic
-- was not told of, 25001 in a savepoint where what it takes back would be needed later, RF007 while this access is being changed, RF008 while the tenant moves, and where it is not at home. Until it
-- ends, the transaction holds a shared lock named by clinic and user, by which whoever ends the one's access, or fences the tenant,
-- finds the sessions that are still in (data-plane/enrolment/end-sessions.ts, ringfence_private.drain).
CREATE OR REPLACE FUNCTION ringfence.enter(token bytea) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  door   ringfence_private.doors;
  clinic uuid;
  actor  uuid;
  role   text := 'service';
BEGIN
  IF current_setting('backtrace_functions') <> '' THEN
    RAISE EXCEPTION 'ringfence: this transaction has entered a clinic already'
      USING ERRCODE = 'insufficient_privilege', HINT = 'Use one transaction for each clinic.';
  END IF;
  IF octet_length(token) IS NULL OR octet_length(token) NOT IN (94, 98) THEN
    RAISE EXCEPTION 'ringfence: the context token is refused' USING ERRCODE = 'insufficient_privilege';
  END IF;
  clinic := encode(substring(token FROM 31 FOR 16), 'hex')::uuid;
  actor := encode(substring(token FROM 47 FOR 16), 'hex')::uuid;

  -- ROLLBACK TO takes back the context and the locks, and leaves a cursor of before that has begun to read by them.
  IF EXISTS (SELECT FROM pg_cursor() c WHERE c.statement <> 'SELECT ringfence.enter($1)') THEN
    PERFORM ringfence_private.require_no_savepoint();
  END IF;
  -- Before anything is looked up: who ends an access changes the record first and looks for locks afterwards.
  IF NOT pg_try_advisory_xact_lock_shared(uuid_hash(clinic), uuid_hash(actor)) AND NOT ringfence_private.is_managed() THEN
    RAISE EXCEPTION 'ringfence: this access is being changed' USING ERRCODE = 'RF007', HINT = 'Try again shortly.';
  END IF;
  -- A snapshot that is kept for the whole transaction may be older than that change. Only the service may have one, which
  -- backups need, and whoever ends an access looks again until such a snapshot is too old.
  IF current_setting('transaction_isolation') <> 'read committed'
     AND (actor <> '00000000-0000-0000-0000-000000000000' OR statement_timestamp() > transaction_timestamp() + interval '2 seconds') THEN
    RAISE EXCEPTION 'ringfence: this transaction keeps a snapshot, or has kept one for too long' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Use READ COMMITTED; the service may use another level and enter the clinic first.';
  END IF;
  SELECT * INTO door FROM ringfence_private.doors d
   WHERE d.clinic_id = clinic AND d.key_id = get_byte(token, 1) AND d.key_valid_until > clock_timestamp();
  IF NOT ringfence_private.is_sound(token, door.tenant_id, door.inner_pad, door.outer_pad) THEN
    RAISE EXCEPTION 'ringfence: the context token is refused' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT door.open THEN
    RAISE EXCEPTION 'ringfence: this clinic is not active' USING ERRCODE = 'RF001';
  END IF;
  IF door.fence <> 'open' OR octet_length(token) = 98 AND substring(token FROM 63 FOR 4) < int4send(door.epoch) THEN
    -- A transaction stays READ ONLY once it has run a statement, so what it reads while the tenant is fenced stays true. In a
    -- savepoint it stays so as long as that one.
    IF door.fence IN ('open', 'closed') OR current_setting('transaction_read_only') <> 'on' THEN
      PERFORM ringfence_private.refuse_moving();
    END IF;
    PERFORM ringfence_private.require_no_savepoint();
  END IF;
  -- A kept snapshot has the door as it was before the fence.
  IF current_setting('transaction_isolation') <> 'read committed'
     AND NOT pg_try_advisory_xact_lock_shared(uuid_hash(door.tenant_id), ringfence_private.closed_lock()) AND NOT ringfence_private.is_managed() THEN
    PERFORM ringfence_private.refuse_moving();
  END IF;
  IF session_user <> 'ringfence_app' AND session_user IS DISTINCT FROM door.login_role THEN
    RAISE EXCEPTION 'ringfence: this login belongs to another tenant' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF door.readable_until <= clock_timestamp() THEN
    RAISE EXCEPTION 'ringfence: the subscription of this clinic has ended' USING ERRCODE = 'RF001',
      HINT = 'Renew it: until then its data is kept, and can be exported by the operator.';
  END IF;
  IF actor <> '00000000-0000-0000-0000-000000000000' THEN
    -- With the departments that the user is kept to: 'doctor,surgery'.
    SELECT array_to_string(a.role || a.departments, ',') INTO role FROM ringfence_private.assignments a
     WHERE a.clinic_id = clinic AND a.user_id = actor;
    IF NOT FOUND THEN
      role := ringfence_private.support_role(clinic, door.tenant_id, actor);
    END IF;
    IF role IS NULL THEN
      RAISE EXCEPTION 'ringfence: this user is not assigned to the clinic' USING ERRCODE = 'RF002';
    END IF;
  END IF;
  IF current_setting('transaction_read_only') = 'on' THEN
    PERFORM pg_try_advisory_xact_lock_shared(uuid_hash(clinic), ringfence_private.reader_lock());
  END IF;

  PERFORM set_config('backtrace_functions',
    encode(substring(token FROM 31 FOR 16), 'hex') || '_' || encode(substring(token FROM 47 FOR 16), 'hex')
      || CASE WHEN door.writable_until > clock_timestamp() THEN '_w_' ELSE '_r_' END || role, true);
END
$$;

-- Down Migration
DROP FUNCTION ringfence_private.require_no_savepoint();
-- The function that is made anew above goes with the migration that made it first.
