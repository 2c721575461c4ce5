-- Up Migration

-- A tenant moves between cells while it works (docs/moves.md). The fence is here, in the database: applications that know nothing of
-- the move cannot write where the tenant's home is not.
--
-- `fence`: open; draining: only transactions that read come in, those that are in may commit; read-only: they may not any more;
-- closed: nobody comes in, because the home is elsewhere. `epoch` is the number of the placement (control.placements) that was last
-- at home here; who comes by an older route is refused.
ALTER TABLE ringfence.tenants
  ADD COLUMN epoch integer NOT NULL DEFAULT 1 CHECK (epoch > 0),
  ADD COLUMN fence text NOT NULL DEFAULT 'open' CHECK (fence IN ('open', 'draining', 'read-only', 'closed'));

-- Earlier versions closed a tenant that was not at home by a suspension of their own.
UPDATE ringfence.tenants SET state = 'active', suspended_by = NULL, fence = 'closed' WHERE suspended_by = 'ringfence:placement';

ALTER TABLE ringfence_private.doors
  ADD COLUMN epoch integer NOT NULL DEFAULT 1,
  ADD COLUMN fence text NOT NULL DEFAULT 'open';
CREATE OR REPLACE VIEW ringfence_private.wanted_doors WITH (security_invoker = true) AS
SELECT c.id AS clinic_id, k.key_id, t.id AS tenant_id, t.login_role, t.state = 'active' AND c.state = 'active' AS open,
       k.valid_until AS key_valid_until, coalesce(s.writable_until, c.created_at + interval '14 days') AS writable_until,
       coalesce(s.readable_until, c.created_at + interval '28 days') AS readable_until, k.inner_pad, k.outer_pad, t.epoch, t.fence
  FROM ringfence.clinics c
  JOIN ringfence.tenants t ON t.id = c.tenant_id
  LEFT JOIN ringfence_private.subscription_windows s ON s.clinic_id = c.id
 CROSS JOIN ringfence_private.context_keys k;
UPDATE ringfence.tenants SET state = state WHERE fence <> 'open';

-- Two transactions that change what the same doors are made of come one after the other: the second one replaces what it could not see.
CREATE OR REPLACE FUNCTION ringfence_private.sync_doors() RETURNS trigger
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
  INSERT INTO ringfence_private.doors AS known
  SELECT w.* FROM ringfence_private.wanted_doors w
   WHERE CASE TG_TABLE_NAME WHEN 'clinics' THEN w.clinic_id = (changed ->> 'id')::uuid
                            WHEN 'subscription_windows' THEN w.clinic_id = (changed ->> 'clinic_id')::uuid
                            WHEN 'tenants' THEN w.tenant_id = (changed ->> 'id')::uuid
                            ELSE w.key_id = (changed ->> 'key_id')::smallint END
  ON CONFLICT (clinic_id, key_id) DO UPDATE
    SET tenant_id = excluded.tenant_id, login_role = excluded.login_role, open = excluded.open, key_valid_until = excluded.key_valid_until,
        writable_until = excluded.writable_until, readable_until = excluded.readable_until, inner_pad = excluded.inner_pad,
        outer_pad = excluded.outer_pad, epoch = excluded.epoch, fence = excluded.fence;
  RETURN NULL;
END
$$;

-- One move of a tenant at a time. `attempt` is the fencing token of the run that works on it, and rises with each run of each move
-- of the tenant: a run that was taken over changes nothing here any more. The row of a move that is over stays for that.
-- `under_way`: the fence is the move's. `tracks`: the keys of changed rows are noted. `locks_schema`: no tenant table changes its
-- definition.
CREATE TABLE ringfence_private.moves (
  tenant_id    uuid PRIMARY KEY REFERENCES ringfence.tenants (id) ON DELETE CASCADE,
  operation    uuid NOT NULL,
  attempt      integer NOT NULL,
  under_way    boolean NOT NULL DEFAULT true,
  tracks       boolean NOT NULL DEFAULT false,
  locks_schema boolean NOT NULL DEFAULT false,
  -- ringfence_private.table_files() when the stream from here began.
  files        text
);
-- What the source has written since the copy began, by its own triggers: what the stream must have brought.
CREATE TABLE ringfence_private.changed_keys (
  seq       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES ringfence.tenants (id) ON DELETE CASCADE,
  relation  text NOT NULL,
  key       jsonb NOT NULL
);
CREATE INDEX changed_keys_tenant ON ringfence_private.changed_keys (tenant_id, seq);
-- Published with the rows: when a marker has arrived, so has all that was committed before it.
CREATE TABLE ringfence_private.move_markers (
  tenant_id uuid NOT NULL REFERENCES ringfence.tenants (id) ON DELETE CASCADE,
  id        uuid NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
REVOKE ALL ON ringfence_private.moves, ringfence_private.changed_keys, ringfence_private.move_markers FROM PUBLIC;
INSERT INTO ringfence.global_tables VALUES
  ('ringfence_private', 'moves', 'moves that are under way; no application role may read it'),
  ('ringfence_private', 'changed_keys', 'keys of rows that changed during a move; no application role may read it'),
  ('ringfence_private', 'move_markers', 'positions in the stream of a move; no application role may read it');

-- A token is sound when it was signed for this clinic and this connection and has not expired (docs/formats.md,
-- "Context token"; bytes compare as numbers do, but for the sign). Version 3 has the epoch of the route; 2 is of earlier applications.
CREATE OR REPLACE FUNCTION ringfence_private.is_sound(token bytea, tenant_id uuid, inner_pad bytea, outer_pad bytea) RETURNS boolean
  LANGUAGE sql VOLATILE
AS $$
  SELECT tenant_id IS NOT NULL
     AND CASE get_byte(token, 0) WHEN 3 THEN 98 WHEN 2 THEN 94 END = octet_length(token)
     AND sha256(outer_pad || sha256(inner_pad || substring(token FROM 1 FOR octet_length(token) - 32))) = substring(token FROM octet_length(token) - 31)
     AND substring(token FROM 3 FOR 4) = int4send(pg_backend_pid())
     AND substring(token FROM 7 FOR 8) > int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint)
     AND get_byte(token, 6) < 128
     AND substring(token FROM 15 FOR 16) = uuid_send(tenant_id)
$$;

CREATE OR REPLACE FUNCTION ringfence_private.door_of(token bytea) RETURNS ringfence_private.doors
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  door ringfence_private.doors;
BEGIN
  IF octet_length(token) IN (94, 98) THEN
    SELECT * INTO door FROM ringfence_private.doors d
     WHERE d.clinic_id = encode(substring(token FROM 31 FOR 16), 'hex')::uuid AND d.key_id = get_byte(token, 1)
       AND d.key_valid_until > clock_timestamp();
    IF ringfence_private.is_sound(token, door.tenant_id, door.inner_pad, door.outer_pad) THEN
      IF door.fence <> 'open' THEN
        PERFORM ringfence_private.refuse_moving();
      END IF;
      RETURN door;
    END IF;
  END IF;
  RAISE EXCEPTION 'ringfence: the context token is refused' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION ringfence_private.refuse_moving() RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'ringfence: this tenant moves, or its home is another cell' USING ERRCODE = 'RF008',
    HINT = 'Look its cell up again, and try again shortly.';
END
$$;

-- Of a transaction that only reads, beside the lock of who is in: a fence waits for the others only. 'READ' in ASCII.
CREATE FUNCTION ringfence_private.reader_lock() RETURNS integer
  LANGUAGE sql IMMUTABLE AS $$ SELECT 1380270404 $$;

-- Of a tenant that was just closed: the mover holds it, for whoever has kept a snapshot from before. 'SHUT' in ASCII.
CREATE FUNCTION ringfence_private.closed_lock() RETURNS integer
  LANGUAGE sql IMMUTABLE AS $$ SELECT 1397249364 $$;

-- enter(token): the one way into a tenant's data. SQLSTATE 42501 for a bad token, RF001 for a clinic that is not
-- active or whose subscription has ended, RF002 for a user who is not assigned to the clinic, RF006 for support that the clinic
-- was not told of, RF007 while this access is being changed, RF008 while the tenant moves, and where it is not at home. Until it
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
    -- A transaction stays READ ONLY once it has run a statement, so what it reads while the tenant is fenced stays true.
    IF door.fence IN ('open', 'closed') OR current_setting('transaction_read_only') <> 'on' THEN
      PERFORM ringfence_private.refuse_moving();
    END IF;
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

-- Books an event in the ledger of a tenant, and locks the ledger until the transaction ends. Who writes a tenant's rows comes
-- here at its commit, and reads the fence when it has the lock. `drain` changes the fence under the same lock: so a
-- transaction has committed before the fence, and its rows move, or it fails and nothing of it was saved.
CREATE OR REPLACE FUNCTION ringfence_private.book(tenant uuid, event jsonb, rows_delta bigint, bytes_delta bigint)
  RETURNS ringfence_private.ledgers
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  known text := current_setting('ringfence.ledger', true);
  place tid := CASE WHEN known ~ '^\([0-9]{1,9},[0-9]{1,4}\)$' THEN known::tid END;
  booked record;
BEGIN
  FOR attempt IN 1..2 LOOP
    UPDATE ringfence_private.ledgers l
       SET audit_seq = l.audit_seq + 1,
           audit_hash = sha256(l.audit_hash || convert_to(ringfence_private.canonical_event(event), 'UTF8')),
           rows = l.rows + rows_delta,
           storage_bytes = l.storage_bytes + bytes_delta
     WHERE l.ctid = place AND l.tenant_id = tenant RETURNING l.ctid AS place, l AS ledger INTO booked;
    IF FOUND THEN
      IF EXISTS (SELECT FROM ringfence.tenants t WHERE t.id = tenant AND t.fence IN ('read-only', 'closed')) THEN
        PERFORM ringfence_private.refuse_moving();
      END IF;
      PERFORM set_config('ringfence.ledger', booked.place::text, true);
      RETURN booked.ledger;
    END IF;
    INSERT INTO ringfence_private.ledgers (tenant_id) VALUES (tenant) ON CONFLICT DO NOTHING;
    SELECT l.ctid INTO place FROM ringfence_private.ledgers l WHERE l.tenant_id = tenant FOR UPDATE;
  END LOOP;
  RAISE EXCEPTION 'ringfence: the ledger of a tenant is not there' USING ERRCODE = 'internal_error';
END
$$;

-- What a tenant has beside its tables is carried whole while it is fenced (carried), so it may not change then either.
CREATE FUNCTION ringfence_private.refuse_fenced() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  tenant uuid := coalesce((to_jsonb(NEW) ->> 'tenant_id')::uuid,
                          (SELECT c.tenant_id FROM ringfence.clinics c WHERE c.id = (to_jsonb(NEW) ->> 'clinic_id')::uuid));
BEGIN
  -- Waits for a fence that is being drawn. As strong as what books at the commit: two that share it would wait for each other there.
  PERFORM FROM ringfence_private.ledgers l WHERE l.tenant_id = tenant FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM ringfence.tenants t WHERE t.id = tenant AND t.fence IN ('read-only', 'closed')) THEN
    PERFORM ringfence_private.refuse_moving();
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER refuse_fenced BEFORE INSERT OR UPDATE ON ringfence_private.usage
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.refuse_fenced();
CREATE TRIGGER refuse_fenced BEFORE INSERT OR UPDATE ON ringfence_private.active_users
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.refuse_fenced();
CREATE TRIGGER refuse_fenced BEFORE INSERT OR UPDATE ON ringfence.support_grants
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.refuse_fenced();
CREATE TRIGGER refuse_fenced BEFORE INSERT OR UPDATE ON ringfence_private.support_announcements
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.refuse_fenced();

-- Notes the keys of changed rows of tenants that move. `written` has the rows, with clinic_id and the columns of the key.
CREATE OR REPLACE FUNCTION ringfence_private.audit_write() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  sources text := CASE TG_OP
    WHEN 'INSERT' THEN 'SELECT n.clinic_id, %1$s AS key, 1 AS rows, (%2$s)::bigint AS bytes FROM new_rows n'
    WHEN 'DELETE' THEN 'SELECT n.clinic_id, %1$s AS key, -1 AS rows, -(%2$s)::bigint AS bytes FROM old_rows n'
    ELSE 'SELECT n.clinic_id, %1$s AS key, 0 AS rows, (%2$s)::bigint AS bytes FROM new_rows n
          UNION ALL SELECT n.clinic_id, NULL, 0, -(%2$s)::bigint FROM old_rows n' END;
  key text := coalesce((SELECT 'concat_ws(''/'', ' || string_agg('n.' || part, ', ' ORDER BY at) || ')'
                          FROM unnest(TG_ARGV) WITH ORDINALITY AS arg (part, at) WHERE at > 1), '''''');
  columns text;
  named   text;
BEGIN
  EXECUTE format(
    'INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
     SELECT clinic_id, $1, $2, $3, jsonb_build_object(''rows'', count(key), ''rowsDelta'', sum(rows),
              ''bytesDelta'', sum(bytes), ''keys'', to_jsonb((array_agg(key) FILTER (WHERE key IS NOT NULL))[1:50]))
       FROM (' || sources || ') written GROUP BY clinic_id', key, TG_ARGV[0])
    USING ringfence_private.actor(), lower(TG_OP), TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
  IF EXISTS (SELECT FROM ringfence_private.moves m WHERE m.tracks) THEN
    columns := (SELECT 'clinic_id' || coalesce(string_agg(', ' || part, '' ORDER BY at), '')
                  FROM unnest(TG_ARGV) WITH ORDINALITY AS arg (part, at) WHERE at > 1);
    -- By name: to_jsonb of the whole row would take a column that is called like it.
    named := (SELECT $n$'clinic_id', written.clinic_id$n$ || coalesce(string_agg(format(', %L, written.%s', (parse_ident(part))[1], part), '' ORDER BY at), '')
                FROM unnest(TG_ARGV) WITH ORDINALITY AS arg (part, at) WHERE at > 1);
    EXECUTE format(
      'INSERT INTO ringfence_private.changed_keys (tenant_id, relation, key)
       SELECT c.tenant_id, $1, jsonb_build_object(%s) FROM (%s) written JOIN ringfence.clinics c ON c.id = written.clinic_id
         JOIN ringfence_private.moves m ON m.tenant_id = c.tenant_id AND m.tracks', named,
      CASE TG_OP WHEN 'INSERT' THEN format('SELECT %s FROM new_rows', columns)
                 WHEN 'DELETE' THEN format('SELECT %s FROM old_rows', columns)
                 ELSE format('SELECT %1$s FROM new_rows UNION SELECT %1$s FROM old_rows', columns) END)
      USING format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME);
  END IF;
  RETURN NULL;
END
$$;

-- Every statement of a move in a cell comes after this one, in its transaction. SQLSTATE RF009 for a run that another one took
-- over, or whose move was given up. The row stays locked, so that whoever takes over waits for the statement to end.
CREATE FUNCTION ringfence_private.require_move(tenant uuid, moving uuid, tried integer) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM ringfence_private.moves m WHERE m.tenant_id = tenant AND m.operation = moving AND m.attempt = tried FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'ringfence: another run has taken this move over, or it was given up' USING ERRCODE = 'RF009';
  END IF;
END
$$;

-- Draws or opens a fence. Who opens it gives the epoch of the placement; it never falls.
CREATE FUNCTION ringfence_private.set_fence(tenant uuid, moving uuid, tried integer, wanted text, at_least integer DEFAULT 1) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM ringfence_private.require_move(tenant, moving, tried);
  UPDATE ringfence.tenants t SET fence = wanted, epoch = greatest(t.epoch, at_least) WHERE t.id = tenant;
END
$$;

-- Transactions that are in a tenant, or only those that may write. A prepared one has no process.
CREATE FUNCTION ringfence_private.inside(tenant uuid, writers boolean) RETURNS TABLE (pid integer, since timestamptz)
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  WITH held AS MATERIALIZED (
    SELECT l.pid, l.virtualtransaction AS transaction, l.classid, l.objid FROM pg_locks l
     WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
       AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  )
  SELECT DISTINCT h.pid, (SELECT a.xact_start FROM pg_stat_activity a WHERE a.pid = h.pid)
    FROM held h JOIN ringfence.clinics c ON c.tenant_id = tenant AND h.classid = (uuid_hash(c.id)::bigint & 4294967295)::oid
   WHERE NOT writers OR NOT EXISTS (SELECT FROM held r WHERE r.transaction = h.transaction AND r.classid = h.classid
                        AND r.objid = ringfence_private.reader_lock()::oid)
$$;

-- The sequences of columns of tenant tables, with the last value that each has given.
CREATE FUNCTION ringfence_private.sequences_of_tenant_tables() RETURNS TABLE (name text, last bigint)
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  WITH tables AS (
    SELECT c.oid FROM ringfence.tenant_tables t JOIN pg_namespace n ON n.nspname = t.schema_name
      JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name),
  -- Owned by a column, or only used by its default.
  used AS (
    SELECT d.objid AS oid FROM tables t
      JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    UNION
    SELECT d.refobjid FROM tables t JOIN pg_attrdef a ON a.adrelid = t.oid
      JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_class'::regclass)
  SELECT s.oid::regclass::text, pg_sequence_last_value(s.oid) FROM used u JOIN pg_class s ON s.oid = u.oid AND s.relkind = 'S'
$$;

-- The files of all tenant tables and their partitions, as one hash. TRUNCATE gives a table a new one, and no stream brings that: rows that
-- were deleted by it would be alive at the other end. So does DROP of a partition, and what rewrites a table.
CREATE FUNCTION ringfence_private.table_files() RETURNS text
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT md5(string_agg(c.oid || ':' || c.relfilenode, ',' ORDER BY c.oid))
    FROM pg_class c
   WHERE c.oid IN (SELECT to_regclass(format('%I.%I', t.schema_name, t.table_name)) FROM ringfence.tenant_tables t)
      OR c.oid IN (SELECT ringfence_private.children(r) FROM (SELECT to_regclass(format('%I.%I', t.schema_name, t.table_name)) AS r FROM ringfence.tenant_tables t) p WHERE r IS NOT NULL)
$$;

-- What moves with a tenant and is in no tenant table, but is small: as JSON, whole.
CREATE FUNCTION ringfence_private.carried(tenant uuid) RETURNS jsonb
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD'
AS $$
  SELECT jsonb_build_object(
    'tenant', (SELECT jsonb_build_object('state', t.state, 'suspended_by', t.suspended_by, 'state_told', t.state_told, 'created_at', t.created_at)
                 FROM ringfence.tenants t WHERE t.id = tenant),
    'clinics', (SELECT jsonb_agg(to_jsonb(c)) FROM ringfence.clinics c WHERE c.tenant_id = tenant),
    'pseudonym_keys', (SELECT jsonb_agg(to_jsonb(p)) FROM ringfence_private.pseudonym_keys p JOIN ringfence.clinics c ON c.id = p.clinic_id WHERE c.tenant_id = tenant),
    'usage', (SELECT jsonb_agg(to_jsonb(u)) FROM ringfence_private.usage u WHERE u.tenant_id = tenant),
    'active_users', (SELECT jsonb_agg(to_jsonb(u)) FROM ringfence_private.active_users u WHERE u.tenant_id = tenant),
    'support_grants', (SELECT jsonb_agg(to_jsonb(g)) FROM ringfence.support_grants g WHERE g.tenant_id = tenant),
    'support_announcements', (SELECT jsonb_agg(to_jsonb(a)) FROM ringfence_private.support_announcements a JOIN ringfence.clinics c ON c.id = a.clinic_id WHERE c.tenant_id = tenant),
    'sequences', (SELECT jsonb_object_agg(s.name, s.last) FROM ringfence_private.sequences_of_tenant_tables() s WHERE s.last IS NOT NULL))
$$;

-- Puts it in place. Triggers do not fire, because it is no news; a sequence never goes back, because others use it too.
CREATE FUNCTION ringfence_private.put_carried(tenant uuid, brought jsonb) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ids uuid[];
BEGIN
  PERFORM set_config('session_replication_role', 'replica', true);
  INSERT INTO ringfence.clinics SELECT r.* FROM jsonb_populate_recordset(NULL::ringfence.clinics, brought -> 'clinics') r
  ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, name = excluded.name, vertical = excluded.vertical, time_zone = excluded.time_zone,
    state = excluded.state, created_at = excluded.created_at;
  ids := ARRAY(SELECT c.id FROM ringfence.clinics c WHERE c.tenant_id = tenant);
  DELETE FROM ringfence_private.pseudonym_keys WHERE clinic_id = ANY (ids);
  INSERT INTO ringfence_private.pseudonym_keys SELECT r.* FROM jsonb_populate_recordset(NULL::ringfence_private.pseudonym_keys, coalesce(nullif(brought -> 'pseudonym_keys', 'null'), '[]')) r;
  DELETE FROM ringfence_private.usage WHERE tenant_id = tenant;
  INSERT INTO ringfence_private.usage SELECT r.* FROM jsonb_populate_recordset(NULL::ringfence_private.usage, coalesce(nullif(brought -> 'usage', 'null'), '[]')) r;
  DELETE FROM ringfence_private.active_users WHERE tenant_id = tenant;
  INSERT INTO ringfence_private.active_users SELECT r.* FROM jsonb_populate_recordset(NULL::ringfence_private.active_users, coalesce(nullif(brought -> 'active_users', 'null'), '[]')) r;
  DELETE FROM ringfence.support_grants WHERE tenant_id = tenant;
  INSERT INTO ringfence.support_grants SELECT r.* FROM jsonb_populate_recordset(NULL::ringfence.support_grants, coalesce(nullif(brought -> 'support_grants', 'null'), '[]')) r;
  DELETE FROM ringfence_private.support_announcements WHERE clinic_id = ANY (ids);
  -- Transactions of another server mean nothing here: an announcement that counts was committed long ago.
  INSERT INTO ringfence_private.support_announcements
  SELECT r.clinic_id, r.user_id, r.announced_at, '0'::xid8
    FROM jsonb_populate_recordset(NULL::ringfence_private.support_announcements, coalesce(nullif(brought -> 'support_announcements', 'null'), '[]')) r;
  UPDATE ringfence.tenants t SET state = brought -> 'tenant' ->> 'state', suspended_by = brought -> 'tenant' ->> 'suspended_by',
    state_told = (brought -> 'tenant' ->> 'state_told')::boolean, created_at = (brought -> 'tenant' ->> 'created_at')::timestamptz WHERE t.id = tenant;
  PERFORM setval(s.name::regclass, CASE WHEN q.seqincrement > 0 THEN greatest(s.last, (brought -> 'sequences' ->> s.name)::bigint)
                                        ELSE least(s.last, (brought -> 'sequences' ->> s.name)::bigint) END)
     FROM ringfence_private.sequences_of_tenant_tables() s JOIN pg_sequence q ON q.seqrelid = s.name::regclass
    WHERE brought -> 'sequences' ? s.name;
END
$$;

-- The columns of a table's key, as SQL, in its order.
CREATE FUNCTION ringfence_private.key_parts(relation regclass) RETURNS TABLE (place bigint, name text, type text)
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT part.place, a.attname::text, format_type(a.atttypid, a.atttypmod)
    FROM pg_constraint k CROSS JOIN unnest(k.conkey) WITH ORDINALITY AS part (attnum, place)
    JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = part.attnum
   WHERE k.conrelid = relation AND k.contype = 'p'
$$;
CREATE FUNCTION ringfence_private.key_columns(relation regclass) RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(quote_ident(name), ', ' ORDER BY place) FROM ringfence_private.key_parts(relation)
$$;

-- The same with their types: a row of them, and no other column of the table, can be read from JSON.
CREATE FUNCTION ringfence_private.key_definition(relation regclass) RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(format('%I %s', name, type), ', ' ORDER BY place) FROM ringfence_private.key_parts(relation)
$$;

-- The columns of a table by name, as SQL: their order may differ between two cells.
CREATE FUNCTION ringfence_private.named_columns(relation regclass) RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(format('t.%I', a.attname), ', ' ORDER BY a.attname COLLATE "C") FROM pg_attribute a
   WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
$$;

-- Number of rows, and two sums of 64-bit hashes of their texts: equal for equal rows in any order.
CREATE FUNCTION ringfence_private.digest_rows(relation regclass, condition text, given jsonb) RETURNS text
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres'
  SET extra_float_digits = 1 SET bytea_output = 'hex' SET row_security = off
AS $$
DECLARE
  digest text;
BEGIN
  EXECUTE format(
    'SELECT concat_ws(''/'', count(*), coalesce(sum(hashtextextended(line, 0)), 0), coalesce(sum(hashtextextended(line, 1)), 0))
       FROM (SELECT ROW(%s)::text AS line FROM %s t WHERE %s) lines', ringfence_private.named_columns(relation), relation, condition)
    INTO digest USING given;
  RETURN digest;
END
$$;

-- The digest of at most `most` rows in the order of the key, from behind the key `after`; of all where `most` is NULL. With their
-- bytes, and the key to go on from, as the texts of its values: NULL where no row is left.
CREATE FUNCTION ringfence_private.digest_portion(relation regclass, condition text, after text[], most integer) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres'
  SET extra_float_digits = 1 SET bytea_output = 'hex' SET row_security = off
AS $$
DECLARE
  key     text := ringfence_private.key_columns(relation);
  texts   text := (SELECT string_agg(format('%I::text', name), ', ' ORDER BY place) FROM ringfence_private.key_parts(relation));
  -- Constants, for an index to find them.
  behind  text := (SELECT format('AND (%s) > (%s)', key, string_agg(format('%L::%s', after[place], type), ', ' ORDER BY place))
                     FROM ringfence_private.key_parts(relation) HAVING after IS NOT NULL);
  digest  jsonb;
BEGIN
  EXECUTE format(
    'WITH t AS (SELECT * FROM %2$s t WHERE %3$s %4$s)
     SELECT jsonb_build_object(
              ''digest'', concat_ws(''/'', count(*), coalesce(sum(hashtextextended(line, 0)), 0), coalesce(sum(hashtextextended(line, 1)), 0)),
              ''bytes'', coalesce(sum(octet_length(line)), 0),
              ''last'', CASE WHEN count(*) = $1 THEN %5$s END)
       FROM (SELECT ROW(%1$s)::text AS line FROM t) lines',
    ringfence_private.named_columns(relation), relation, condition,
    concat_ws(' ', behind, CASE WHEN most IS NOT NULL THEN format('ORDER BY %s LIMIT %s', key, most) END),
    -- What is read twice is kept, and all of a tenant would go to the disk.
    CASE WHEN most IS NULL THEN 'NULL::jsonb' ELSE format('(SELECT to_jsonb(ARRAY[%s]) FROM t ORDER BY (%s) DESC LIMIT 1)', texts, key) END)
    INTO digest USING most;
  RETURN digest;
END
$$;

-- The rows with these keys, a jsonb array of objects.
CREATE FUNCTION ringfence_private.digest_keys(relation regclass, keys jsonb) RETURNS text
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ringfence_private.digest_rows(relation, format('(%1$s) IN (SELECT %1$s FROM jsonb_to_recordset($1) AS k (%2$s))',
           ringfence_private.key_columns(relation), ringfence_private.key_definition(relation)), keys)
$$;

-- The events of a part of the chain with their links.
CREATE FUNCTION ringfence_private.digest_events(tenant uuid, seen bigint, until bigint) RETURNS text
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT concat_ws('/', count(e.id), coalesce(sum(hashtextextended(encode(k.hash, 'hex') || ringfence_private.canonical_event(to_jsonb(e)), k.seq)), 0))
    FROM ringfence.audit_chain k LEFT JOIN clinical.audit_events e ON e.clinic_id = k.clinic_id AND e.id = k.event_id
   WHERE k.tenant_id = tenant AND k.seq > seen AND k.seq <= until
$$;

-- The numbers of notes that are compared at once: of at most 20,000 keys and 16 MB, because an array of them has to fit into memory at
-- both ends. A number says nothing of when its transaction committed, so a note is only named by its own.
CREATE FUNCTION ringfence_private.portion_of_changes(tenant uuid) RETURNS bigint[]
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(array_agg(p.seq), '{}')
    FROM (SELECT k.seq, sum(octet_length(k.key::text)) OVER (ORDER BY k.seq) AS bytes, row_number() OVER (ORDER BY k.seq) AS place
            FROM (SELECT seq, key FROM ringfence_private.changed_keys WHERE tenant_id = tenant ORDER BY seq LIMIT 20000) k) p
   WHERE p.bytes <= 16777216 OR p.place = 1
$$;

-- What has changed since, for the other end to compare: of each table the keys and the digest of their rows; of the audit log the
-- events after `seen`, with their places in the chain; the ledger.
CREATE FUNCTION ringfence_private.changes(tenant uuid, seen bigint, noted bigint[] DEFAULT NULL) RETURNS jsonb
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'rows', coalesce((SELECT jsonb_agg(jsonb_build_object('relation', k.relation, 'keys', k.keys, 'digest', ringfence_private.digest_keys(k.relation::regclass, k.keys)))
               FROM (SELECT relation, jsonb_agg(DISTINCT key) AS keys FROM ringfence_private.changed_keys
                      WHERE tenant_id = tenant AND (noted IS NULL OR seq IN (SELECT unnest(noted))) GROUP BY relation) k), '[]'),
    'events', ringfence_private.digest_events(tenant, seen, l.audit_seq),
    'seen', seen, 'seq', l.audit_seq, 'ledger', to_jsonb(l))
    FROM (SELECT * FROM ringfence_private.ledgers WHERE tenant_id = tenant
          UNION ALL SELECT tenant, 0, decode(repeat('00', 32), 'hex'), 0, 0
          ORDER BY audit_seq DESC LIMIT 1) l
$$;

-- Which of these changes have not arrived: names of tables; empty for none.
CREATE FUNCTION ringfence_private.differing(tenant uuid, changes jsonb) RETURNS text[]
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(SELECT c ->> 'relation' FROM jsonb_array_elements(changes -> 'rows') c
                WHERE ringfence_private.digest_keys((c ->> 'relation')::regclass, c -> 'keys') IS DISTINCT FROM c ->> 'digest')
      || CASE WHEN ringfence_private.digest_events(tenant, (changes ->> 'seen')::bigint, (changes ->> 'seq')::bigint) IS DISTINCT FROM changes ->> 'events'
              THEN ARRAY['clinical.audit_events'] ELSE '{}' END
$$;

-- The end of writing at the source. Waits for transactions that are in, at most `wait_ms`; then draws the barrier and writes the
-- marker, in one transaction with it. `drained` is false when somebody is still in: nothing was done then.
CREATE FUNCTION ringfence_private.drain(tenant uuid, moving uuid, tried integer, marker uuid, seen bigint, wait_ms integer) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  deadline timestamptz := clock_timestamp() + make_interval(secs => wait_ms / 1000.0);
  writers  jsonb;
BEGIN
  LOOP
    writers := (SELECT jsonb_agg(to_jsonb(w)) FROM ringfence_private.inside(tenant, true) w);
    EXIT WHEN writers IS NULL;
    IF clock_timestamp() > deadline THEN
      RETURN jsonb_build_object('drained', false, 'writers', writers);
    END IF;
    PERFORM pg_sleep(0.001);
  END LOOP;
  PERFORM set_config('lock_timeout', greatest(wait_ms, 1) || 'ms', true);
  PERFORM ringfence_private.require_move(tenant, moving, tried);
  INSERT INTO ringfence_private.ledgers (tenant_id) VALUES (tenant) ON CONFLICT DO NOTHING;
  -- An update and not a lock alone: a transaction that keeps an older snapshot fails at it.
  UPDATE ringfence_private.ledgers SET audit_seq = audit_seq WHERE tenant_id = tenant;
  UPDATE ringfence.tenants SET fence = 'read-only' WHERE id = tenant;
  -- Nobody waits behind the fence for the comparison of what was written in its last moment, however much it is.
  IF (SELECT count(*) FROM ringfence_private.changed_keys k WHERE k.tenant_id = tenant) > cardinality(ringfence_private.portion_of_changes(tenant)) THEN
    RAISE EXCEPTION 'ringfence: too much was written while the fence was drawn' USING ERRCODE = 'RF011';
  END IF;
  INSERT INTO ringfence_private.move_markers VALUES (tenant, marker);
  RETURN jsonb_build_object('drained', true, 'changes', ringfence_private.changes(tenant, seen), 'carried', ringfence_private.carried(tenant));
END
$$;

-- Waits until nobody is in a tenant whose fence is closed; who reads there would read what is not the newest any more. Returns
-- those that are still in after the time; NULL for none. `keep`: the session keeps them out that have a snapshot from before.
CREATE FUNCTION ringfence_private.await_empty(tenant uuid, wait_ms integer, keep boolean DEFAULT false) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  deadline timestamptz := clock_timestamp() + make_interval(secs => wait_ms / 1000.0);
  found    jsonb;
BEGIN
  LOOP
    found := (SELECT jsonb_agg(to_jsonb(w)) FROM ringfence_private.inside(tenant, false) w);
    IF found IS NULL AND (NOT keep OR pg_try_advisory_lock(uuid_hash(tenant), ringfence_private.closed_lock())) OR clock_timestamp() > deadline THEN
      RETURN found;
    END IF;
    PERFORM pg_sleep(0.001);
  END LOOP;
END
$$;

-- Waits for a marker. A function looks at one state of the database within a statement, and at a new one in the next.
CREATE FUNCTION ringfence_private.await_marker(tenant uuid, marker uuid, wait_ms integer) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  deadline timestamptz := clock_timestamp() + make_interval(secs => wait_ms / 1000.0);
BEGIN
  WHILE NOT EXISTS (SELECT FROM ringfence_private.move_markers m WHERE m.tenant_id = tenant AND m.id = marker) LOOP
    IF clock_timestamp() > deadline THEN
      RETURN false;
    END IF;
    PERFORM pg_sleep(0.0005);
  END LOOP;
  RETURN true;
END
$$;

-- The other end of `drain`: waits for its marker, compares what changed, and puts what is carried in place.
CREATE FUNCTION ringfence_private.arrive(tenant uuid, moving uuid, tried integer, marker uuid, changes jsonb, brought jsonb, wait_ms integer) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  differs text[];
BEGIN
  IF NOT ringfence_private.await_marker(tenant, marker, wait_ms) THEN
    RETURN jsonb_build_object('arrived', false);
  END IF;
  PERFORM ringfence_private.require_move(tenant, moving, tried);
  PERFORM ringfence_private.put_carried(tenant, brought);
  differs := ringfence_private.differing(tenant, changes);
  IF (SELECT to_jsonb(l) FROM ringfence_private.ledgers l WHERE l.tenant_id = tenant) IS DISTINCT FROM changes -> 'ledger' THEN
    differs := differs || 'ringfence_private.ledgers'::text;
  END IF;
  RETURN jsonb_build_object('arrived', true, 'differs', to_jsonb(differs));
END
$$;

-- Tenant tables keep their definitions while a tenant is copied between two cells. SQLSTATE RF010.
CREATE FUNCTION ringfence_private.refuse_in_move(what text) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  held record;
BEGIN
  SELECT t.slug, m.operation INTO held FROM ringfence_private.moves m JOIN ringfence.tenants t ON t.id = m.tenant_id WHERE m.locks_schema LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ringfence: % keeps its definition while tenant % moves (operation %)', what, held.slug, held.operation USING ERRCODE = 'RF010',
      HINT = 'Wait until the move ends, or give it up: ringfence operations abort ' || held.operation;
  END IF;
END
$$;
CREATE FUNCTION ringfence_private.keep_definitions() RETURNS event_trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  changed text;
BEGIN
  IF to_regclass('ringfence_private.moves') IS NULL OR to_regclass('ringfence.tenant_tables') IS NULL THEN
    RETURN;
  END IF;
  IF NOT EXISTS (SELECT FROM ringfence_private.moves m WHERE m.locks_schema) THEN
    RETURN;
  END IF;
  IF tg_event = 'sql_drop' THEN
    SELECT o.object_identity INTO changed FROM pg_event_trigger_dropped_objects() o
      JOIN ringfence.tenant_tables t ON t.schema_name = o.schema_name AND t.table_name = o.object_name WHERE o.object_type = 'table' LIMIT 1;
  ELSE
    SELECT c.object_identity INTO changed FROM pg_event_trigger_ddl_commands() c
      JOIN pg_class r ON c.classid = 'pg_class'::regclass AND r.oid = c.objid JOIN pg_namespace n ON n.oid = r.relnamespace
      JOIN ringfence.tenant_tables t ON t.schema_name = n.nspname AND t.table_name = r.relname
     WHERE c.command_tag IN ('ALTER TABLE', 'CREATE TABLE', 'CREATE TABLE AS') LIMIT 1;
    IF changed IS NULL THEN
      SELECT c.object_identity INTO changed FROM pg_event_trigger_ddl_commands() c CROSS JOIN LATERAL pg_partition_ancestors(c.objid) a
        JOIN pg_class r ON r.oid = a.relid JOIN pg_namespace n ON n.oid = r.relnamespace
        JOIN ringfence.tenant_tables t ON t.schema_name = n.nspname AND t.table_name = r.relname
       WHERE c.classid = 'pg_class'::regclass AND c.command_tag IN ('ALTER TABLE', 'CREATE TABLE', 'CREATE TABLE AS') LIMIT 1;
    END IF;
  END IF;
  IF changed IS NOT NULL THEN
    PERFORM ringfence_private.refuse_in_move(changed);
  END IF;
END
$$;
CREATE FUNCTION ringfence_private.keep_tenant_tables() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM ringfence_private.refuse_in_move('the list of tenant tables');
  RETURN NULL;
END
$$;
CREATE TRIGGER keep_tenant_tables AFTER INSERT OR DELETE ON ringfence.tenant_tables
  FOR EACH STATEMENT EXECUTE FUNCTION ringfence_private.keep_tenant_tables();
DO $$ BEGIN
  CREATE EVENT TRIGGER ringfence_moves ON ddl_command_end EXECUTE FUNCTION ringfence_private.keep_definitions();
  CREATE EVENT TRIGGER ringfence_moves_drop ON sql_drop EXECUTE FUNCTION ringfence_private.keep_definitions();
EXCEPTION WHEN insufficient_privilege THEN
  IF NOT ringfence_private.is_managed() THEN
    RAISE;
  END IF;
END $$;

-- Which tenants move is nobody's affair; names of streams have a part of the id of a move.
DO $$ BEGIN
  IF NOT ringfence_private.is_managed() THEN
    REVOKE ALL ON pg_catalog.pg_publication, pg_catalog.pg_subscription FROM PUBLIC;
    GRANT SELECT ON pg_catalog.pg_publication, pg_catalog.pg_subscription TO pg_read_all_stats;
  END IF;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ringfence_private FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ringfence_private.refuse_moving(), ringfence_private.reader_lock(), ringfence_private.closed_lock() TO ringfence_gate;
INSERT INTO ringfence.reviewed_objects VALUES
  ('ringfence_private.keep_definitions()', 'an event trigger: refuses; reads only which tenants move'),
  ('ringfence_private.keep_tenant_tables()', 'a trigger: refuses; reads only which tenants move');

-- Down Migration
DROP EVENT TRIGGER IF EXISTS ringfence_moves;
DROP EVENT TRIGGER IF EXISTS ringfence_moves_drop;
DROP TRIGGER keep_tenant_tables ON ringfence.tenant_tables;
DROP FUNCTION ringfence_private.keep_tenant_tables();
DROP FUNCTION ringfence_private.keep_definitions();
DROP FUNCTION ringfence_private.refuse_in_move(text);
DROP FUNCTION ringfence_private.arrive(uuid, uuid, integer, uuid, jsonb, jsonb, integer);
DROP FUNCTION ringfence_private.await_marker(uuid, uuid, integer);
DROP FUNCTION ringfence_private.drain(uuid, uuid, integer, uuid, bigint, integer);
DROP FUNCTION ringfence_private.differing(uuid, jsonb);
DROP FUNCTION ringfence_private.changes(uuid, bigint, bigint[]);
DROP FUNCTION ringfence_private.portion_of_changes(uuid);
DROP FUNCTION ringfence_private.digest_events(uuid, bigint, bigint);
DROP FUNCTION ringfence_private.digest_keys(regclass, jsonb);
DROP FUNCTION ringfence_private.digest_portion(regclass, text, text[], integer);
DROP FUNCTION ringfence_private.digest_rows(regclass, text, jsonb);
DROP FUNCTION ringfence_private.named_columns(regclass);
DROP FUNCTION ringfence_private.key_definition(regclass);
DROP FUNCTION ringfence_private.key_columns(regclass);
DROP FUNCTION ringfence_private.key_parts(regclass);
DROP FUNCTION ringfence_private.put_carried(uuid, jsonb);
DROP FUNCTION ringfence_private.carried(uuid);
DROP FUNCTION ringfence_private.table_files();
DROP FUNCTION ringfence_private.sequences_of_tenant_tables();
DROP FUNCTION ringfence_private.await_empty(uuid, integer, boolean);
DROP FUNCTION ringfence_private.inside(uuid, boolean);
DROP FUNCTION ringfence_private.set_fence(uuid, uuid, integer, text, integer);
DROP FUNCTION ringfence_private.require_move(uuid, uuid, integer);
DROP TRIGGER refuse_fenced ON ringfence_private.usage;
DROP TRIGGER refuse_fenced ON ringfence_private.active_users;
DROP TRIGGER refuse_fenced ON ringfence.support_grants;
DROP TRIGGER refuse_fenced ON ringfence_private.support_announcements;
DROP FUNCTION ringfence_private.refuse_fenced();
DROP TABLE ringfence_private.move_markers, ringfence_private.changed_keys, ringfence_private.moves;
-- The functions that are made anew above go with the migrations that made them first.
