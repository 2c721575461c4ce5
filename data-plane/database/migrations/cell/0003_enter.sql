-- Up Migration

-- All that enter() needs to know of a clinic in one row, because every transaction reads it: who may come in, and
-- the keys that verify the token. Kept by triggers, so that a suspension holds from the next transaction on.
CREATE TABLE ringfence_private.doors (
  clinic_id  uuid NOT NULL,
  key_id     smallint NOT NULL,
  tenant_id  uuid NOT NULL,
  login_role name,
  open       boolean NOT NULL,
  key_valid_until timestamptz NOT NULL,
  writable_until timestamptz NOT NULL,
  readable_until timestamptz NOT NULL,
  inner_pad  bytea NOT NULL,
  outer_pad  bytea NOT NULL,
  PRIMARY KEY (clinic_id, key_id)
);
-- Who works where, as clinical.staff says: which role enter() gives a user in a clinic.
CREATE TABLE ringfence_private.assignments (
  clinic_id   uuid NOT NULL,
  user_id     uuid NOT NULL,
  role        text NOT NULL,
  departments text[] NOT NULL,
  PRIMARY KEY (clinic_id, user_id)
);
-- What a clinic's subscription allows. Without one the trial of 14 days runs from the clinic's first day.
CREATE TABLE ringfence_private.subscription_windows (
  clinic_id      uuid PRIMARY KEY,
  writable_until timestamptz NOT NULL,
  readable_until timestamptz NOT NULL
);
-- A super admin's access to one tenant, for a reason and a time. The clinic sees it in its audit log.
CREATE TABLE ringfence.support_grants (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id  uuid NOT NULL REFERENCES ringfence.tenants (id) ON DELETE CASCADE,
  user_id    uuid NOT NULL CHECK (user_id <> '00000000-0000-0000-0000-000000000000'),
  reason     text NOT NULL CHECK (length(btrim(reason)) >= 10),
  granted_by text NOT NULL,
  granted_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL CHECK (expires_at > granted_at AND expires_at <= granted_at + interval '8 hours'),
  revoked_at timestamptz
);
CREATE INDEX support_grants_user ON ringfence.support_grants (tenant_id, user_id, expires_at);
ALTER TABLE ringfence.support_grants OWNER TO ringfence_owner;
REVOKE ALL ON ringfence_private.doors, ringfence_private.assignments, ringfence_private.subscription_windows,
  ringfence.support_grants FROM PUBLIC;
GRANT SELECT ON ringfence_private.doors, ringfence_private.assignments, ringfence.support_grants TO ringfence_gate;
INSERT INTO ringfence.global_tables VALUES
  ('ringfence_private', 'assignments', 'who works in which clinic; only ringfence_gate may read it'),
  ('ringfence_private', 'subscription_windows', 'until when a clinic reads and writes; no application role may read it'),
  ('ringfence', 'support_grants', 'access of super admins; no application role may read it');

-- The doors as they have to be, in the order of their table's columns.
CREATE VIEW ringfence_private.wanted_doors WITH (security_invoker = true) AS
SELECT c.id AS clinic_id, k.key_id, t.id AS tenant_id, t.login_role, t.state = 'active' AND c.state = 'active' AS open,
       k.valid_until AS key_valid_until, coalesce(s.writable_until, c.created_at + interval '14 days') AS writable_until,
       coalesce(s.readable_until, c.created_at + interval '28 days') AS readable_until, k.inner_pad, k.outer_pad
  FROM ringfence.clinics c
  JOIN ringfence.tenants t ON t.id = c.tenant_id
  LEFT JOIN ringfence_private.subscription_windows s ON s.clinic_id = c.id
 CROSS JOIN ringfence_private.context_keys k;
REVOKE ALL ON ringfence_private.wanted_doors FROM PUBLIC;

CREATE FUNCTION ringfence_private.sync_doors() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  changed jsonb := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
BEGIN
  DELETE FROM ringfence_private.doors
   WHERE CASE TG_TABLE_NAME WHEN 'clinics' THEN clinic_id = (changed ->> 'id')::uuid
                            WHEN 'subscription_windows' THEN clinic_id = (changed ->> 'clinic_id')::uuid
                            WHEN 'tenants' THEN tenant_id = (changed ->> 'id')::uuid
                            ELSE key_id = (changed ->> 'key_id')::smallint END;
  INSERT INTO ringfence_private.doors
  SELECT w.* FROM ringfence_private.wanted_doors w
   WHERE CASE TG_TABLE_NAME WHEN 'clinics' THEN w.clinic_id = (changed ->> 'id')::uuid
                            WHEN 'subscription_windows' THEN w.clinic_id = (changed ->> 'clinic_id')::uuid
                            WHEN 'tenants' THEN w.tenant_id = (changed ->> 'id')::uuid
                            ELSE w.key_id = (changed ->> 'key_id')::smallint END;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION ringfence_private.sync_doors() FROM PUBLIC;
CREATE TRIGGER sync_doors AFTER INSERT OR UPDATE OR DELETE ON ringfence.clinics
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.sync_doors();
CREATE TRIGGER sync_doors AFTER INSERT OR UPDATE OR DELETE ON ringfence.tenants
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.sync_doors();
CREATE TRIGGER sync_doors AFTER INSERT OR UPDATE OR DELETE ON ringfence_private.context_keys
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.sync_doors();
CREATE TRIGGER sync_doors AFTER INSERT OR UPDATE OR DELETE ON ringfence_private.subscription_windows
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.sync_doors();

-- Also while rows come by replication, as in a move between cells.
ALTER TABLE ringfence.clinics ENABLE ALWAYS TRIGGER sync_doors;
ALTER TABLE ringfence.tenants ENABLE ALWAYS TRIGGER sync_doors;
ALTER TABLE ringfence_private.context_keys ENABLE ALWAYS TRIGGER sync_doors;
ALTER TABLE ringfence_private.subscription_windows ENABLE ALWAYS TRIGGER sync_doors;

-- A token is sound when it was signed for this clinic and this connection and has not expired (docs/formats.md,
-- "Context token"; bytes compare as numbers do, but for the sign). One expression, so that the planner puts it in the place of the call.
CREATE FUNCTION ringfence_private.is_sound(token bytea, tenant_id uuid, inner_pad bytea, outer_pad bytea) RETURNS boolean
  LANGUAGE sql VOLATILE
AS $$
  SELECT tenant_id IS NOT NULL
     AND get_byte(token, 0) = 2
     AND sha256(outer_pad || sha256(inner_pad || substring(token FROM 1 FOR 62))) = substring(token FROM 63)
     AND substring(token FROM 3 FOR 4) = int4send(pg_backend_pid())
     AND substring(token FROM 7 FOR 8) > int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint)
     AND get_byte(token, 6) < 128
     AND substring(token FROM 15 FOR 16) = uuid_send(tenant_id)
$$;

-- The clinic's door that a token names, where the token is sound. SQLSTATE 42501 for any other.
CREATE FUNCTION ringfence_private.door_of(token bytea) RETURNS ringfence_private.doors
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  door ringfence_private.doors;
BEGIN
  IF octet_length(token) = 94 THEN
    SELECT * INTO door FROM ringfence_private.doors d
     WHERE d.clinic_id = encode(substring(token FROM 31 FOR 16), 'hex')::uuid AND d.key_id = get_byte(token, 1)
       AND d.key_valid_until > clock_timestamp();
    IF ringfence_private.is_sound(token, door.tenant_id, door.inner_pad, door.outer_pad) THEN
      RETURN door;
    END IF;
  END IF;
  RAISE EXCEPTION 'ringfence: the context token is refused' USING ERRCODE = 'insufficient_privilege';
END
$$;

-- What support does is told to the clinic before it is done, and committed, so that who reads cannot take it back.
CREATE TABLE ringfence_private.support_announcements (
  clinic_id    uuid NOT NULL,
  user_id      uuid NOT NULL,
  announced_at timestamptz NOT NULL,
  transaction  xid8 NOT NULL,
  PRIMARY KEY (clinic_id, user_id)
);
REVOKE ALL ON ringfence_private.support_announcements FROM PUBLIC;
GRANT SELECT ON ringfence_private.support_announcements TO ringfence_gate;
INSERT INTO ringfence.global_tables VALUES
  ('ringfence_private', 'support_announcements', 'support access that a clinic was told of; only ringfence_gate may read it');

-- The grant by which a super admin may see a tenant now, or NULL.
CREATE FUNCTION ringfence_private.support_grant(tenant uuid, actor uuid) RETURNS uuid
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT g.id FROM ringfence.support_grants g
   WHERE g.tenant_id = tenant AND g.user_id = actor AND g.revoked_at IS NULL AND g.expires_at > clock_timestamp()
   ORDER BY g.expires_at DESC LIMIT 1
$$;

-- The role of a super admin with a support grant, or NULL. SQLSTATE RF006 until the clinic was told, in a transaction that is
-- committed, at most 30 seconds ago.
CREATE FUNCTION ringfence_private.support_role(clinic uuid, tenant uuid, actor uuid) RETURNS text
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF ringfence_private.support_grant(tenant, actor) IS NULL THEN
    RETURN NULL;
  END IF;
  IF NOT EXISTS (SELECT FROM ringfence_private.support_announcements a
                  WHERE a.clinic_id = clinic AND a.user_id = actor AND a.announced_at > clock_timestamp() - interval '30 seconds'
                    AND a.transaction IS DISTINCT FROM pg_current_xact_id_if_assigned()) THEN
    RAISE EXCEPTION 'ringfence: support access is announced to the clinic first' USING ERRCODE = 'RF006',
      HINT = 'Call ringfence.announce_support(token) and commit, then enter.';
  END IF;
  RETURN 'super_admin';
END
$$;

-- enter(token): the one way into a tenant's data. SQLSTATE 42501 for a bad token, RF001 for a clinic that is not
-- active or whose subscription has ended, RF002 for a user who is not assigned to the clinic, RF006 for support that the clinic
-- was not told of, RF007 while this access is being changed. Until it ends, the transaction holds a shared lock named by clinic
-- and user, by which whoever ends the one's access finds the sessions that are still in (data-plane/enrolment/end-sessions.ts).
CREATE FUNCTION ringfence.enter(token bytea) RETURNS void
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
  IF octet_length(token) IS DISTINCT FROM 94 THEN
    RAISE EXCEPTION 'ringfence: the context token is refused' USING ERRCODE = 'insufficient_privilege';
  END IF;
  clinic := encode(substring(token FROM 31 FOR 16), 'hex')::uuid;
  actor := encode(substring(token FROM 47 FOR 16), 'hex')::uuid;

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

  PERFORM set_config('backtrace_functions',
    encode(substring(token FROM 31 FOR 16), 'hex') || '_' || encode(substring(token FROM 47 FOR 16), 'hex')
      || CASE WHEN door.writable_until > clock_timestamp() THEN '_w_' ELSE '_r_' END || role, true);
END
$$;
ALTER FUNCTION ringfence.enter(bytea) OWNER TO ringfence_gate;
REVOKE ALL ON FUNCTION ringfence.enter(bytea), ringfence_private.is_sound(bytea, uuid, bytea, bytea),
  ringfence_private.support_role(uuid, uuid, uuid), ringfence_private.support_grant(uuid, uuid),
  ringfence_private.door_of(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ringfence_private.is_sound(bytea, uuid, bytea, bytea),
  ringfence_private.support_role(uuid, uuid, uuid), ringfence_private.support_grant(uuid, uuid),
  ringfence_private.is_managed() TO ringfence_gate;
GRANT EXECUTE ON FUNCTION ringfence.enter(bytea) TO ringfence_app, ringfence_tenant;
INSERT INTO ringfence.reviewed_objects VALUES
  ('ringfence.enter(bytea)', 'verifies a signed token before it sets the context; search_path is pinned'),
  ('ringfence.current_actor()', 'reads the context'),
  ('ringfence.current_staff_role()', 'reads the context'),
  ('ringfence.current_departments()', 'reads the context'),
  ('ringfence.may_write()', 'reads the context'),
  ('ringfence.may_lock()', 'reads the context'),
  ('ringfence.plan_mark()', 'marks plans of others than the administrator; reads no context'),
  ('ringfence_private.is_managed()', 'tells whether the database''s owner is a superuser'),
  ('ringfence_private.refuse_definitions()', 'an event trigger: refuses; reads only who the session is'),
  ('ringfence.require_administrator()', 'refuses whoever is not the administrator; tells nothing else');

-- Down Migration
DROP FUNCTION ringfence.enter(bytea);
DROP FUNCTION ringfence_private.support_role(uuid, uuid, uuid);
DROP FUNCTION ringfence_private.support_grant(uuid, uuid);
DROP TABLE ringfence_private.support_announcements;
DROP FUNCTION ringfence_private.door_of(bytea);
DROP FUNCTION ringfence_private.is_sound(bytea, uuid, bytea, bytea);
DROP TRIGGER sync_doors ON ringfence_private.context_keys;
DROP TRIGGER sync_doors ON ringfence.tenants;
DROP TRIGGER sync_doors ON ringfence.clinics;
DROP FUNCTION ringfence_private.sync_doors();
DROP VIEW ringfence_private.wanted_doors;
DROP TABLE ringfence.support_grants;
DROP TABLE ringfence_private.subscription_windows;
DROP TABLE ringfence_private.assignments;
DROP TABLE ringfence_private.doors;
