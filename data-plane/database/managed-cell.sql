-- What is different in a cell whose provider keeps the superuser to itself (ringfence_private.is_managed). Run after the
-- migrations, each time a cell is prepared; it converges.
--
-- Nobody may give ringfence_gate the right to write a protected setting there, so the context lies in a setting that every
-- role may write, and is believed only with a code that no role but ringfence_gate can make (docs/formats.md, "Context of a
-- managed cell"). Everything that reads or writes the context is the same function as elsewhere, with these two in its place.

GRANT SELECT ON ringfence_private.context_keys TO ringfence_gate;

CREATE OR REPLACE FUNCTION ringfence_private.context_code(payload text, key smallint) RETURNS bytea
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT sha256(k.outer_pad || sha256(k.inner_pad || convert_to(
           format('context %s %s %s', pg_backend_pid(), extract(epoch FROM transaction_timestamp()), payload), 'UTF8')))
    FROM ringfence_private.context_keys k WHERE k.key_id = key
$$;

-- For enter() only: whoever can call it can be any clinic.
CREATE OR REPLACE FUNCTION ringfence_private.write_context(key smallint, payload text, of_transaction boolean) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM set_config('ringfence.context',
    encode(ringfence_private.context_code(payload, key) || set_byte('\x00', 0, key), 'hex') || payload, of_transaction);
END
$$;

-- The context that enter() wrote in this transaction of this connection; empty before. SQLSTATE 42501 for any other one.
CREATE OR REPLACE FUNCTION ringfence.context() RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  written text := coalesce(current_setting('ringfence.context', true), '');
  payload text := substr(written, 67);
BEGIN
  IF written = '' THEN
    RETURN '';
  END IF;
  IF written !~ '^[0-9a-f]{66}'
     OR ringfence_private.context_code(payload, get_byte(decode(substr(written, 65, 2), 'hex'), 0)::smallint)
        IS DISTINCT FROM decode(left(written, 64), 'hex') THEN
    RAISE EXCEPTION 'ringfence: the context of this transaction is refused' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN payload;
END
$$;
ALTER FUNCTION ringfence.context() OWNER TO ringfence_gate;
REVOKE ALL ON FUNCTION ringfence_private.context_code(text, smallint),
  ringfence_private.write_context(smallint, text, boolean), ringfence.context() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ringfence_private.context_code(text, smallint),
  ringfence_private.write_context(smallint, text, boolean) TO ringfence_gate;
GRANT EXECUTE ON FUNCTION ringfence.context() TO ringfence_owner, ringfence_app, ringfence_tenant;

-- A parallel worker has another process id than the connection, so it cannot verify. The administrator may enter with a sound
-- token, because it cannot become the session of ringfence_app to prove isolation; it reads every clinic anyway.
DO $$
DECLARE
  definition text;
  administrator name := (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database());
BEGIN
  FOR definition IN SELECT pg_get_functiondef(oid) FROM pg_proc
                     WHERE pronamespace = 'ringfence'::regnamespace AND prosrc LIKE '%backtrace\_functions%' LOOP
    definition := replace(definition, $a$set_config('backtrace_functions',$a$, 'ringfence_private.write_context(door.key_id,');
    definition := replace(definition, $a$current_setting('backtrace_functions')$a$, 'ringfence.context()');
    definition := replace(definition, $a$session_user <> 'ringfence_app'$a$,
                          format($b$session_user NOT IN ('ringfence_app', %L)$b$, administrator));
    IF definition LIKE '%backtrace\_functions%' THEN
      RAISE EXCEPTION 'ringfence: managed-cell.sql does not know how this function uses the context: %', definition;
    END IF;
    EXECUTE replace(definition, 'PARALLEL SAFE', 'PARALLEL RESTRICTED');
  END LOOP;
END $$;

-- The other tables' policies bind as ringfence_private.bind_to_policies() says.
ALTER TABLE ringfence.clinics NO FORCE ROW LEVEL SECURITY;
INSERT INTO ringfence.reviewed_objects VALUES
  ('ringfence.context()', 'verifies the context before it tells it; search_path is pinned')
ON CONFLICT DO NOTHING;
REVOKE CREATE ON SCHEMA ringfence, ringfence_private FROM ringfence_owner, ringfence_gate;
