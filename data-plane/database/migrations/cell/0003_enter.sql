-- Up Migration

-- All that enter() needs to know of a clinic in one row, because every transaction reads it: who may come in, and
-- the keys that verify the token. Kept by triggers, so that a suspension holds from the next transaction on.
CREATE TABLE ringfence_private.doors (
  clinic_id  uuid NOT NULL,
  key_id     smallint NOT NULL,
  tenant_id  uuid NOT NULL,
  login_role name NOT NULL,
  open       boolean NOT NULL,
  inner_pad  bytea NOT NULL,
  outer_pad  bytea NOT NULL,
  PRIMARY KEY (clinic_id, key_id)
);
REVOKE ALL ON ringfence_private.doors FROM PUBLIC;
GRANT SELECT ON ringfence_private.doors TO ringfence_gate;

CREATE FUNCTION ringfence_private.sync_doors() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  changed jsonb := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
BEGIN
  DELETE FROM ringfence_private.doors
   WHERE CASE TG_TABLE_NAME WHEN 'clinics' THEN clinic_id = (changed ->> 'id')::uuid
                            WHEN 'tenants' THEN tenant_id = (changed ->> 'id')::uuid
                            ELSE key_id = (changed ->> 'key_id')::smallint END;
  INSERT INTO ringfence_private.doors (clinic_id, key_id, tenant_id, login_role, open, inner_pad, outer_pad)
  SELECT c.id, k.key_id, t.id, t.login_role, t.state = 'active' AND c.state = 'active', k.inner_pad, k.outer_pad
    FROM ringfence.clinics c
    JOIN ringfence.tenants t ON t.id = c.tenant_id
   CROSS JOIN ringfence_private.context_keys k
   WHERE CASE TG_TABLE_NAME WHEN 'clinics' THEN c.id = (changed ->> 'id')::uuid
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

-- Also while rows come by replication, as in a move between cells.
ALTER TABLE ringfence.clinics ENABLE ALWAYS TRIGGER sync_doors;
ALTER TABLE ringfence.tenants ENABLE ALWAYS TRIGGER sync_doors;
ALTER TABLE ringfence_private.context_keys ENABLE ALWAYS TRIGGER sync_doors;

-- enter(token): the one way into a tenant's data. Layout of the token: docs/formats.md, "Context token".
CREATE FUNCTION ringfence.enter(token bytea) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  tenant     uuid;
  login      name;
  is_open    boolean;
  inner_pad  bytea;
  outer_pad  bytea;
  written    text;
BEGIN
  IF current_setting('backtrace_functions') <> '' THEN
    RAISE EXCEPTION 'ringfence: this transaction has entered a clinic already'
      USING ERRCODE = 'insufficient_privilege', HINT = 'Use one transaction for each clinic.';
  END IF;
  IF octet_length(token) IS DISTINCT FROM 78 THEN
    RAISE EXCEPTION 'ringfence: the context token is refused' USING ERRCODE = 'insufficient_privilege';
  END IF;

  SELECT d.tenant_id, d.login_role, d.open, d.inner_pad, d.outer_pad
    INTO tenant, login, is_open, inner_pad, outer_pad
    FROM ringfence_private.doors d
   WHERE d.clinic_id = encode(substring(token FROM 31 FOR 16), 'hex')::uuid AND d.key_id = get_byte(token, 1);

  IF tenant IS NULL
     OR get_byte(token, 0) <> 1
     OR sha256(outer_pad || sha256(inner_pad || substring(token FROM 1 FOR 46))) <> substring(token FROM 47)
     OR substring(token FROM 3 FOR 4) <> int4send(pg_backend_pid())
     OR substring(token FROM 7 FOR 8) <= int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint)
     OR substring(token FROM 15 FOR 16) <> uuid_send(tenant)
  THEN
    RAISE EXCEPTION 'ringfence: the context token is refused' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT is_open THEN
    RAISE EXCEPTION 'ringfence: this clinic is not active' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF session_user <> 'ringfence_app' AND session_user <> login THEN
    RAISE EXCEPTION 'ringfence: this login belongs to another tenant' USING ERRCODE = 'insufficient_privilege';
  END IF;

  written := set_config('backtrace_functions', encode(substring(token FROM 31 FOR 16), 'hex'), true);
END
$$;
ALTER FUNCTION ringfence.enter(bytea) OWNER TO ringfence_gate;
REVOKE ALL ON FUNCTION ringfence.enter(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ringfence.enter(bytea) TO ringfence_app, ringfence_tenant;
INSERT INTO ringfence.reviewed_objects VALUES
  ('ringfence.enter(bytea)', 'verifies a signed token before it sets the context; search_path is pinned');

-- Down Migration
DROP FUNCTION ringfence.enter(bytea);
DROP TRIGGER sync_doors ON ringfence_private.context_keys;
DROP TRIGGER sync_doors ON ringfence.tenants;
DROP TRIGGER sync_doors ON ringfence.clinics;
DROP FUNCTION ringfence_private.sync_doors();
DROP TABLE ringfence_private.doors;
