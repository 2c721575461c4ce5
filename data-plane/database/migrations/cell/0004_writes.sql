-- Up Migration

-- What every write to a tenant table goes through: may this role do it (guard_write), is it in the audit log
-- (audit_write), and does the tenant have room for it (seal_audit). protect() attaches the triggers.

-- The permission matrix, one row a (role, status of the visit, action). Its source is
-- core/permissions.ts; preparing a cell writes it here.
CREATE TABLE ringfence.permissions (
  role         text NOT NULL,
  visit_status text NOT NULL,
  action       text NOT NULL,
  PRIMARY KEY (role, visit_status, action)
);
-- The action that a statement on a table is. Tables that are not named here take writes of every role that writes.
CREATE TABLE ringfence.table_actions (
  schema_name name NOT NULL,
  table_name  name NOT NULL,
  action      text NOT NULL,
  PRIMARY KEY (schema_name, table_name)
);
REVOKE ALL ON ringfence.permissions, ringfence.table_actions FROM PUBLIC;
ALTER TABLE ringfence.permissions OWNER TO ringfence_owner;
ALTER TABLE ringfence.table_actions OWNER TO ringfence_owner;
GRANT SELECT ON ringfence.permissions, ringfence.table_actions TO ringfence_gate;

-- Whether the role of this transaction may do this now; without a status, whether it ever may.
CREATE FUNCTION ringfence.can(wanted text, status text DEFAULT NULL) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT FROM ringfence.permissions p WHERE p.role = ringfence.current_staff_role()
                    AND p.action = wanted AND (status IS NULL OR p.visit_status = status))
$$;

CREATE FUNCTION ringfence.require(wanted text, status text DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT ringfence.can(wanted, status) THEN
    RAISE EXCEPTION 'ringfence: % may not % %', ringfence.current_staff_role(), wanted,
      CASE WHEN status IS NULL THEN 'here' WHEN status = 'NONE' THEN 'without a visit' ELSE 'while the visit is ' || status END
      USING ERRCODE = 'RF004';
  END IF;
END
$$;

-- Whether this transaction's clinic and role may write at all. SQLSTATE RF003, RF004.
CREATE FUNCTION ringfence_private.require_writer() RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT ringfence.may_write() THEN
    RAISE EXCEPTION 'ringfence: this clinic may only read: its subscription is past due or its trial is over'
      USING ERRCODE = 'RF003', HINT = 'Renew the subscription.';
  END IF;
  IF ringfence.current_staff_role() IN ('auditor', 'super_admin') THEN
    RAISE EXCEPTION 'ringfence: % may only read', ringfence.current_staff_role() USING ERRCODE = 'RF004';
  END IF;
END
$$;

-- Before a statement, in the context of whoever runs it. The administrator has no context and is not asked.
CREATE FUNCTION ringfence_private.guard_write() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted text;
BEGIN
  IF ringfence.current_clinic() IS NULL THEN
    PERFORM ringfence.require_administrator();
    RETURN NULL;
  END IF;
  PERFORM ringfence_private.require_writer();
  SELECT a.action INTO wanted FROM ringfence.table_actions a
   WHERE a.schema_name = TG_TABLE_SCHEMA AND a.table_name = TG_TABLE_NAME;
  IF wanted IS NOT NULL THEN
    PERFORM ringfence.require(wanted);
  END IF;
  RETURN NULL;
END
$$;

-- What a tenant has used, and the end of its audit chain. One row, locked while a transaction commits.
CREATE TABLE ringfence_private.ledgers (
  tenant_id     uuid PRIMARY KEY REFERENCES ringfence.tenants (id) ON DELETE CASCADE,
  audit_seq     bigint NOT NULL DEFAULT 0,
  audit_hash    bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
  rows          bigint NOT NULL DEFAULT 0,
  storage_bytes bigint NOT NULL DEFAULT 0
);
-- The chain over a tenant's audit events (docs/formats.md, "Audit chain"). Kept apart from the events, so that
-- neither can be changed alone.
CREATE TABLE ringfence.audit_chain (
  tenant_id uuid NOT NULL REFERENCES ringfence.tenants (id) ON DELETE CASCADE,
  seq       bigint NOT NULL CHECK (seq > 0),
  clinic_id uuid NOT NULL,
  event_id  uuid NOT NULL,
  hash      bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (tenant_id, seq),
  UNIQUE (clinic_id, event_id)
);
REVOKE ALL ON ringfence_private.ledgers, ringfence.audit_chain FROM PUBLIC;
ALTER TABLE ringfence.audit_chain OWNER TO ringfence_owner;
INSERT INTO ringfence.global_tables VALUES
  ('ringfence', 'permissions', 'the permission matrix; only ringfence_gate may read it'),
  ('ringfence', 'table_actions', 'which action a write is; only ringfence_gate may read it'),
  ('ringfence', 'audit_chain', 'the hash chain over audit events; no application role may read it'),
  ('ringfence_private', 'ledgers', 'what each tenant has used; no application role may read it');

-- The bytes that an event adds to the chain.
CREATE FUNCTION ringfence_private.canonical_event(event jsonb) RETURNS text
  LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_array(event -> 'clinic_id', event -> 'id',
           to_jsonb((extract(epoch FROM (event ->> 'at')::timestamptz) * 1000000)::bigint),
           event -> 'actor', event -> 'action', event -> 'subject', event -> 'detail')::text
$$;

-- Who acts: a user of a clinic, the service, or an administrator of the database.
CREATE FUNCTION ringfence_private.actor() RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN ringfence.current_clinic() IS NULL THEN 'administrator:' || session_user
              WHEN ringfence.current_staff_role() = 'service' THEN 'service'
              ELSE ringfence.current_staff_role() || ':' || ringfence.current_actor() END
$$;

-- The bytes of a row `n` of a table, as SQL: the same for a row that is written and for one that is read back, whether it was
-- compressed or not. 24 for the row, the length of its texts and bytes, the width of what has a fixed one.
CREATE FUNCTION ringfence_private.row_bytes(target regclass) RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT '24' || coalesce(string_agg(CASE
           WHEN t.typlen > 0 THEN format(' + CASE WHEN n.%1$I IS NULL THEN 0 ELSE %2$s END', a.attname, t.typlen)
           WHEN t.oid IN ('text'::regtype, 'varchar'::regtype, 'bytea'::regtype) THEN format(' + coalesce(octet_length(n.%I), 0)', a.attname)
           ELSE format(' + coalesce(octet_length(n.%I::text), 0)', a.attname) END, '' ORDER BY a.attnum), '')
    FROM pg_attribute a
    JOIN pg_type d ON d.oid = a.atttypid
    JOIN pg_type t ON t.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END
   WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped
$$;

-- After a statement: one event a clinic whose rows it wrote, with what changed by count and key.
-- TG_ARGV: the bytes of a row, as row_bytes() says; then the columns of the primary key after clinic_id, quoted.
CREATE FUNCTION ringfence_private.audit_write() RETURNS trigger
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
BEGIN
  EXECUTE format(
    'INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
     SELECT clinic_id, $1, $2, $3, jsonb_build_object(''rows'', count(key), ''rowsDelta'', sum(rows),
              ''bytesDelta'', sum(bytes), ''keys'', to_jsonb((array_agg(key) FILTER (WHERE key IS NOT NULL))[1:50]))
       FROM (' || sources || ') written GROUP BY clinic_id', key, TG_ARGV[0])
    USING ringfence_private.actor(), lower(TG_OP), TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
  RETURN NULL;
END
$$;

-- At the end of a transaction: chains the event and books what it used. Here the tenant's row is locked, so limits
-- hold exactly however many transactions write at once.
-- Books an event in the ledger of a tenant, and locks the ledger until the transaction ends. Where the ledger stands is
-- remembered for the transaction's next event: an index finds all versions that the transaction itself has made of the
-- row, which made the commit of many statements quadratic. Whoever writes something else into that setting changes
-- nothing: only a row of the tenant that is still there is taken, and else it is looked for.
CREATE FUNCTION ringfence_private.book(tenant uuid, event jsonb, rows_delta bigint, bytes_delta bigint)
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
      PERFORM set_config('ringfence.ledger', booked.place::text, true);
      RETURN booked.ledger;
    END IF;
    INSERT INTO ringfence_private.ledgers (tenant_id) VALUES (tenant) ON CONFLICT DO NOTHING;
    SELECT l.ctid INTO place FROM ringfence_private.ledgers l WHERE l.tenant_id = tenant FOR UPDATE;
  END LOOP;
  RAISE EXCEPTION 'ringfence: the ledger of a tenant is not there' USING ERRCODE = 'internal_error';
END
$$;

CREATE FUNCTION ringfence_private.seal_audit() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  tenant uuid := (SELECT c.tenant_id FROM ringfence.clinics c WHERE c.id = NEW.clinic_id);
  -- Events that a restore or an import brings tell of rows that were written then, not now.
  rows_delta  bigint := CASE WHEN NEW.at = now() THEN (NEW.detail ->> 'rowsDelta')::bigint END;
  bytes_delta bigint := CASE WHEN NEW.at = now() THEN (NEW.detail ->> 'bytesDelta')::bigint END;
  -- The event takes room as well, with its link in the chain: 200 for both rows. What others cause is not the tenant's.
  event_bytes bigint := CASE WHEN NEW.at = now() AND NEW.action NOT IN ('refused', 'support') AND NEW.actor NOT LIKE 'administrator:%'
    THEN 200 + octet_length(NEW.actor) + octet_length(NEW.subject) + octet_length(NEW.detail::text) ELSE 0 END;
  ledger ringfence_private.ledgers;
  allowed ringfence.quotas;
BEGIN
  -- Events that a restore brought back are in the chain already; those of a tenant that went have none.
  IF tenant IS NULL OR EXISTS (SELECT FROM ringfence.audit_chain k WHERE k.clinic_id = NEW.clinic_id AND k.event_id = NEW.id) THEN
    RETURN NULL;
  END IF;
  ledger := ringfence_private.book(tenant, to_jsonb(NEW), coalesce(rows_delta, 0), coalesce(bytes_delta, 0) + event_bytes);
  INSERT INTO ringfence.audit_chain (tenant_id, seq, clinic_id, event_id, hash)
  VALUES (tenant, ledger.audit_seq, NEW.clinic_id, NEW.id, ledger.audit_hash);

  -- By who wrote, not by the context: RESET ALL has emptied that by now, if an application wished. What makes room is never
  -- refused for the event that tells of it.
  IF event_bytes > 0 AND coalesce(bytes_delta, 1) > 0 THEN
    SELECT * INTO allowed FROM ringfence.quotas q WHERE q.tenant_id = tenant;
    IF rows_delta > 0 AND ledger.rows > allowed.rows THEN
      PERFORM ringfence_private.refuse_quota('rows', allowed.rows, ledger.rows);
    ELSIF ledger.storage_bytes > allowed.storage_bytes THEN
      PERFORM ringfence_private.refuse_quota('storageBytes', allowed.storage_bytes, ledger.storage_bytes);
    END IF;
  END IF;
  RETURN NULL;
END
$$;

-- What a program needs to know of a refusal. `used` is what it would have been; `resets` is null for what only
-- deleting or a larger plan frees.
CREATE FUNCTION ringfence_private.quota_refusal(what text, allowed numeric, used numeric, resets timestamptz) RETURNS jsonb
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object('what', what, 'limit', allowed, 'used', used,
                            'resets', to_char(resets AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
$$;

CREATE FUNCTION ringfence_private.refuse_quota(what text, allowed numeric, used numeric) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'ringfence: over the quota % of this tenant: % of %', what, used, allowed
    USING ERRCODE = 'RF005', DETAIL = ringfence_private.quota_refusal(what, allowed, used, NULL);
END
$$;

-- Tells the clinic of support access, by a sound token of a user with a grant, before that user enters. Commit it: only then
-- does enter() let them in, for 30 seconds. SQLSTATE 42501 for a bad token or one without a grant.
CREATE FUNCTION ringfence.announce_support(token bytea) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  door    ringfence_private.doors := ringfence_private.door_of(token);
  actor   uuid := encode(substring(token FROM 47 FOR 16), 'hex')::uuid;
  support uuid := ringfence_private.support_grant(door.tenant_id, actor);
BEGIN
  IF support IS NULL THEN
    RAISE EXCEPTION 'ringfence: this user has no support access' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO ringfence_private.support_announcements VALUES (door.clinic_id, actor, clock_timestamp(), pg_current_xact_id())
  ON CONFLICT (clinic_id, user_id) DO UPDATE SET announced_at = excluded.announced_at, transaction = excluded.transaction;
  INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
  SELECT door.clinic_id, 'super_admin:' || actor, 'support', 'clinic',
         jsonb_build_object('grant', g.id, 'reason', g.reason)
    FROM ringfence.support_grants g WHERE g.id = support;
END
$$;

-- An event of the application itself, in the transaction of what it tells of: 'print', 'open'. Names of Ringfence's
-- own events are refused, so that none can be forged.
CREATE FUNCTION ringfence.audit(action text, subject text, detail jsonb DEFAULT '{}') RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF ringfence.current_clinic() IS NULL THEN
    RAISE EXCEPTION 'ringfence: no clinic was entered' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM ringfence_private.require_writer();
  IF audit.action IN ('insert', 'update', 'delete', 'refused', 'support', 'restore', 'export', 'import', 'backup', 'suspended', 'resumed',
                      'erase', 'erased', 'grant', 'granted', 'move', 'moved', 'revoke', 'revoked', 'rotate', 'rotated')
     OR audit.action !~ '^[a-z][a-z0-9._-]{0,39}$'
     OR octet_length(audit.subject) > 200 OR octet_length(audit.detail::text) > 4000 THEN
    RAISE EXCEPTION 'ringfence: an event has a name of its own of [a-z0-9._-], a subject up to 200 and a detail up to 4,000 bytes'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- The keys that count towards quotas are the triggers' alone.
  INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
  VALUES (ringfence.current_clinic(), ringfence_private.actor(), audit.action, audit.subject,
          jsonb_build_object('application', audit.detail));
END
$$;

-- A refused attempt, in a transaction of its own, by a sound token: of a suspended clinic too. Who attempted it is the token's
-- user, or nobody who is known. Each known user is told of 20 times a minute and clinic, and all that are not known 20 times
-- together, so that no flood takes the place of another one's attempt; the last of them says that more may follow.
-- Returns whether it was written.
CREATE FUNCTION ringfence.record_refusal(token bytea, reason text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  door    ringfence_private.doors := ringfence_private.door_of(token);
  attempted_by text := coalesce('user:' || nullif(encode(substring(token FROM 47 FOR 16), 'hex')::uuid, '00000000-0000-0000-0000-000000000000'), 'unknown');
  written bigint;
  most    CONSTANT integer := 20;
BEGIN
  IF record_refusal.reason !~ '^[a-z_]{1,40}$' THEN
    RAISE EXCEPTION 'ringfence: a reason is a word of [a-z_]' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT count(*) INTO written FROM (SELECT FROM clinical.audit_events e
    WHERE e.clinic_id = door.clinic_id AND e.at > clock_timestamp() - interval '1 minute' AND e.action = 'refused'
      AND e.actor = attempted_by LIMIT most) recent;
  IF written = most THEN
    RETURN false;
  END IF;
  INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
  VALUES (door.clinic_id, attempted_by, 'refused', 'access', jsonb_build_object('reason', record_refusal.reason)
          || CASE WHEN written = most - 1 THEN '{"more": "not recorded for a minute"}' ELSE '{}' END::jsonb);
  RETURN true;
END
$$;

-- Puts the triggers on a table, in the form that this version wants.
CREATE FUNCTION ringfence_private.set_triggers(target regclass) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  keys text := (SELECT coalesce(string_agg(quote_literal(quote_ident(a.attname)), ', ' ORDER BY part.position), '')
                  FROM pg_constraint k
                 CROSS JOIN unnest(k.conkey) WITH ORDINALITY AS part (attnum, position)
                  JOIN pg_attribute a ON a.attrelid = target AND a.attnum = part.attnum
                 WHERE k.conrelid = target AND k.contype = 'p' AND a.attname <> 'clinic_id');
  op record;
BEGIN
  EXECUTE format('DROP TRIGGER IF EXISTS ringfence_guard ON %s', target);
  -- Of what Ringfence alone writes, applications have no right to write anything, in a clinic or outside.
  IF NOT EXISTS (SELECT FROM ringfence.tenant_tables t JOIN pg_class c ON c.relname = t.table_name
                   JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = t.schema_name WHERE c.oid = target AND t.read_only) THEN
    EXECUTE format('CREATE TRIGGER ringfence_guard BEFORE INSERT OR UPDATE OR DELETE ON %s
                  FOR EACH STATEMENT EXECUTE FUNCTION ringfence_private.guard_write()', target);
  END IF;
  FOR op IN SELECT * FROM (VALUES ('insert', 'NEW TABLE AS new_rows'), ('delete', 'OLD TABLE AS old_rows'),
                                  ('update', 'OLD TABLE AS old_rows NEW TABLE AS new_rows')) AS ops (name, tables) LOOP
    EXECUTE format('DROP TRIGGER IF EXISTS ringfence_audit_%s ON %s', op.name, target);
    IF target <> 'clinical.audit_events'::regclass THEN
      EXECUTE format('CREATE TRIGGER ringfence_audit_%1$s AFTER %1$s ON %2$s REFERENCING %3$s
                      FOR EACH STATEMENT EXECUTE FUNCTION ringfence_private.audit_write(%4$s)', op.name, target, op.tables,
                     concat_ws(', ', quote_literal(ringfence_private.row_bytes(target)), nullif(keys, '')));
    END IF;
  END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION ringfence.can(text, text), ringfence.require(text, text), ringfence.audit(text, text, jsonb),
  ringfence.announce_support(bytea) TO ringfence_app, ringfence_tenant;
-- A tenant's own login tells of no attempt: it would tell of others'.
GRANT EXECUTE ON FUNCTION ringfence.record_refusal(bytea, text) TO ringfence_app;
ALTER FUNCTION ringfence.can(text, text) OWNER TO ringfence_gate;
ALTER FUNCTION ringfence_private.guard_write() OWNER TO ringfence_gate;
GRANT EXECUTE ON FUNCTION ringfence.require(text, text), ringfence_private.require_writer() TO ringfence_gate;
INSERT INTO ringfence.reviewed_objects VALUES
  ('ringfence.can(text,text)', 'reads the permission matrix for the role of the context'),
  ('ringfence.require(text,text)', 'reads the permission matrix for the role of the context'),
  ('ringfence.audit(text,text,jsonb)', 'adds an event of the clinic that was entered; names of Ringfence''s own events are refused'),
  ('ringfence.record_refusal(bytea,text)', 'verifies a signed token, then adds one event of that clinic'),
  ('ringfence.announce_support(bytea)', 'verifies a signed token and its grant, then adds one event of that clinic'),
  ('ringfence_private.guard_write()', 'a trigger: refuses; reads only the context and the permission matrix'),
  ('ringfence_private.audit_write()', 'a trigger: adds events, reads only the rows that the statement wrote'),
  ('ringfence_private.seal_audit()', 'a trigger: chains events and books what they used');

-- Down Migration
DROP FUNCTION ringfence_private.set_triggers(regclass);
DROP FUNCTION ringfence.record_refusal(bytea, text);
DROP FUNCTION ringfence.audit(text, text, jsonb);
DROP FUNCTION ringfence.announce_support(bytea);
DROP FUNCTION ringfence_private.seal_audit();
DROP FUNCTION ringfence_private.book(uuid, jsonb, bigint, bigint);
DROP FUNCTION ringfence_private.refuse_quota(text, numeric, numeric);
DROP FUNCTION ringfence_private.quota_refusal(text, numeric, numeric, timestamptz);
DROP FUNCTION ringfence_private.audit_write();
DROP FUNCTION ringfence_private.row_bytes(regclass);
DROP FUNCTION ringfence_private.actor();
DROP FUNCTION ringfence_private.canonical_event(jsonb);
DROP TABLE ringfence.audit_chain, ringfence_private.ledgers;
DROP FUNCTION ringfence_private.guard_write();
DROP FUNCTION ringfence_private.require_writer();
DROP FUNCTION ringfence.require(text, text);
DROP FUNCTION ringfence.can(text, text);
DROP TABLE ringfence.table_actions, ringfence.permissions;
