-- Up Migration

-- All that enter() needs to know of a clinic in one row, because every transaction reads it: who may come in, and
-- the keys that verify the token. Kept by triggers, so that a suspension holds from the next transaction on.
CREATE TABLE ringfence_private.doors (
  clinic_id  uuid NOT NULL,
  key_id     smallint NOT NULL,
  tenant_id  uuid NOT NULL,
  login_role name NOT NULL,
  open       boolean NOT NULL,
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
    (clinic_id, key_id, tenant_id, login_role, open, writable_until, readable_until, inner_pad, outer_pad)
  SELECT c.id, k.key_id, t.id, t.login_role, t.state = 'active' AND c.state = 'active',
         coalesce(s.writable_until, c.created_at + interval '14 days'),
         coalesce(s.readable_until, c.created_at + interval '28 days'), k.inner_pad, k.outer_pad
    FROM ringfence.clinics c
    JOIN ringfence.tenants t ON t.id = c.tenant_id
    LEFT JOIN ringfence_private.subscription_windows s ON s.clinic_id = c.id
   CROSS JOIN ringfence_private.context_keys k
   WHERE CASE TG_TABLE_NAME WHEN 'clinics' THEN c.id = (changed ->> 'id')::uuid
                            WHEN 'subscription_windows' THEN c.id = (changed ->> 'clinic_id')::uuid
                            WHEN 'tenants' THEN t.id = (changed ->> 'id')::uuid
                            ELSE k.key_id = (changed ->> 'key_id')::smallint END;
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

-- The role of a super admin with a support grant, or NULL. The audit log tells the clinic of each such transaction.
CREATE FUNCTION ringfence_private.support_role(clinic uuid, tenant uuid, actor uuid) RETURNS text
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  support uuid;
BEGIN
  SELECT g.id INTO support FROM ringfence.support_grants g
   WHERE g.tenant_id = tenant AND g.user_id = actor AND g.revoked_at IS NULL AND g.expires_at > clock_timestamp()
   ORDER BY g.expires_at DESC LIMIT 1;
  IF support IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM ringfence_private.note_support(clinic, actor, support);
  RETURN 'super_admin';
END
$$;

-- enter(token): the one way into a tenant's data. SQLSTATE 42501 for a bad token, RF001 for a clinic that is not
-- active or whose subscription has ended, RF002 for a user who is not assigned to the clinic.
CREATE FUNCTION ringfence.enter(token bytea) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  door   ringfence_private.doors;
  role   text := 'service';
BEGIN
  IF current_setting('backtrace_functions') <> '' THEN
    RAISE EXCEPTION 'ringfence: this transaction has entered a clinic already'
      USING ERRCODE = 'insufficient_privilege', HINT = 'Use one transaction for each clinic.';
  END IF;
  IF octet_length(token) IS DISTINCT FROM 94 THEN
    RAISE EXCEPTION 'ringfence: the context token is refused' USING ERRCODE = 'insufficient_privilege';
  END IF;

  SELECT * INTO door FROM ringfence_private.doors d
   WHERE d.clinic_id = encode(substring(token FROM 31 FOR 16), 'hex')::uuid AND d.key_id = get_byte(token, 1);
  IF NOT ringfence_private.is_sound(token, door.tenant_id, door.inner_pad, door.outer_pad) THEN
    RAISE EXCEPTION 'ringfence: the context token is refused' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT door.open THEN
    RAISE EXCEPTION 'ringfence: this clinic is not active' USING ERRCODE = 'RF001';
  END IF;
  IF session_user <> 'ringfence_app' AND session_user <> door.login_role THEN
    RAISE EXCEPTION 'ringfence: this login belongs to another tenant' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF door.readable_until <= clock_timestamp() THEN
    RAISE EXCEPTION 'ringfence: the subscription of this clinic has ended' USING ERRCODE = 'RF001',
      HINT = 'Renew it: until then its data is kept, and can be exported by the operator.';
  END IF;
  IF substring(token FROM 47 FOR 16) <> '\x00000000000000000000000000000000' THEN
    -- With the departments that the user is kept to: 'doctor,surgery'.
    SELECT array_to_string(a.role || a.departments, ',') INTO role FROM ringfence_private.assignments a
     WHERE a.clinic_id = door.clinic_id AND a.user_id = encode(substring(token FROM 47 FOR 16), 'hex')::uuid;
    IF NOT FOUND THEN
      role := ringfence_private.support_role(door.clinic_id, door.tenant_id, encode(substring(token FROM 47 FOR 16), 'hex')::uuid);
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
  ringfence_private.support_role(uuid, uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ringfence_private.is_sound(bytea, uuid, bytea, bytea),
  ringfence_private.support_role(uuid, uuid, uuid) TO ringfence_gate;
GRANT EXECUTE ON FUNCTION ringfence.enter(bytea) TO ringfence_app, ringfence_tenant;
INSERT INTO ringfence.reviewed_objects VALUES
  ('ringfence.enter(bytea)', 'verifies a signed token before it sets the context; search_path is pinned'),
  ('ringfence.current_actor()', 'reads the context'),
  ('ringfence.current_staff_role()', 'reads the context'),
  ('ringfence.current_departments()', 'reads the context'),
  ('ringfence.may_write()', 'reads the context');

-- Down Migration
DROP FUNCTION ringfence.enter(bytea);
DROP FUNCTION ringfence_private.support_role(uuid, uuid, uuid);
DROP FUNCTION ringfence_private.is_sound(bytea, uuid, bytea, bytea);
DROP TRIGGER sync_doors ON ringfence_private.context_keys;
DROP TRIGGER sync_doors ON ringfence.tenants;
DROP TRIGGER sync_doors ON ringfence.clinics;
DROP FUNCTION ringfence_private.sync_doors();
DROP TABLE ringfence.support_grants;
DROP TABLE ringfence_private.subscription_windows;
DROP TABLE ringfence_private.assignments;
DROP TABLE ringfence_private.doors;
