-- Up Migration

-- enter(token): the one way into a tenant's data. Layout of the token: docs/formats.md, "Context token".
CREATE FUNCTION ringfence.enter(token bytea) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  body   bytea := substring(token FROM 1 FOR 46);
  holder record;
BEGIN
  IF current_setting('backtrace_functions') <> '' THEN
    RAISE EXCEPTION 'ringfence: this transaction has entered a clinic already'
      USING ERRCODE = 'insufficient_privilege', HINT = 'Use one transaction for each clinic.';
  END IF;

  SELECT k.inner_pad, k.outer_pad, t.state AS tenant_state, c.state AS clinic_state, t.login_role
    INTO holder
    FROM ringfence_private.context_keys k
    LEFT JOIN ringfence.clinics c ON c.id = encode(substring(token FROM 31 FOR 16), 'hex')::uuid
    LEFT JOIN ringfence.tenants t
           ON t.id = c.tenant_id AND t.id = encode(substring(token FROM 15 FOR 16), 'hex')::uuid
   WHERE octet_length(token) = 78 AND get_byte(token, 0) = 1 AND k.key_id = get_byte(token, 1);

  IF holder IS NULL
     OR sha256(holder.outer_pad || sha256(holder.inner_pad || body)) <> substring(token FROM 47)
     OR substring(body FROM 3 FOR 4) <> int4send(pg_backend_pid())
     OR substring(body FROM 7 FOR 8) <= int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint)
  THEN
    RAISE EXCEPTION 'ringfence: the context token is refused' USING ERRCODE = 'insufficient_privilege';
  END IF;

  IF holder.tenant_state IS DISTINCT FROM 'active' OR holder.clinic_state IS DISTINCT FROM 'active' THEN
    RAISE EXCEPTION 'ringfence: this clinic is not active' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF session_user NOT IN ('ringfence_app', holder.login_role) THEN
    RAISE EXCEPTION 'ringfence: this login belongs to another tenant' USING ERRCODE = 'insufficient_privilege';
  END IF;

  PERFORM set_config('backtrace_functions', encode(substring(token FROM 31 FOR 16), 'hex'), true);
END
$$;
ALTER FUNCTION ringfence.enter(bytea) OWNER TO ringfence_gate;
REVOKE ALL ON FUNCTION ringfence.enter(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ringfence.enter(bytea) TO ringfence_app, ringfence_tenant;
INSERT INTO ringfence.reviewed_objects VALUES
  ('ringfence.enter(bytea)', 'verifies a signed token before it sets the context; search_path is pinned');

-- Down Migration
DROP FUNCTION ringfence.enter(bytea);
