-- Up Migration

-- Refuses what protect() cannot mend by itself, with the statement that mends it.
CREATE FUNCTION ringfence_private.require_tenant_table(target regclass) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kind record;
BEGIN
  SELECT c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' AS lasting, n.nspname, c.relname
    INTO kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target;
  IF NOT kind.lasting THEN
    RAISE EXCEPTION 'ringfence: % is not a table, or it is a partition or temporary', target
      USING ERRCODE = 'wrong_object_type', HINT = 'Protect lasting tables; of a partitioned table, protect the parent.';
  END IF;
  IF kind.nspname IN ('ringfence', 'ringfence_private', 'pg_catalog', 'information_schema') THEN
    RAISE EXCEPTION 'ringfence: % is not an application''s table', target USING ERRCODE = 'wrong_object_type',
      HINT = 'Protect tables in schemas of your own.';
  END IF;
  IF EXISTS (SELECT FROM ringfence.global_tables g WHERE g.schema_name = kind.nspname AND g.table_name = kind.relname) THEN
    RAISE EXCEPTION 'ringfence: % is in ringfence.global_tables', target USING ERRCODE = 'object_in_use',
      HINT = format('DELETE FROM ringfence.global_tables WHERE schema_name = %L AND table_name = %L;', kind.nspname, kind.relname);
  END IF;
  IF EXISTS (SELECT FROM ringfence_private.children(target) AS child JOIN pg_class c ON c.oid = child WHERE c.relkind = 'f') THEN
    RAISE EXCEPTION 'ringfence: % has a foreign table among its partitions or children', target USING ERRCODE = 'wrong_object_type',
      HINT = 'Detach it: row-level security does not reach other servers.';
  END IF;
END
$$;

-- Partitions and children of a table, at any depth.
CREATE FUNCTION ringfence_private.children(target regclass) RETURNS SETOF regclass
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE child AS (
    SELECT inhrelid FROM pg_inherits WHERE inhparent = target
    UNION SELECT i.inhrelid FROM pg_inherits i JOIN child ON i.inhparent = child.inhrelid
  )
  SELECT inhrelid::regclass FROM child ORDER BY 1
$$;

CREATE FUNCTION ringfence_private.require_clinic_column(target regclass) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  orphan boolean;
BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = target AND attname = 'clinic_id'
              AND NOT attisdropped AND atttypid <> 'uuid'::regtype) THEN
    RAISE EXCEPTION 'ringfence: %.clinic_id is not of type uuid', target USING ERRCODE = 'datatype_mismatch',
      HINT = format('ALTER TABLE %s ALTER COLUMN clinic_id TYPE uuid USING clinic_id::text::uuid;', target);
  END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM %s t WHERE clinic_id IS NULL
                                 OR NOT EXISTS (SELECT FROM ringfence.clinics c WHERE c.id = t.clinic_id))', target) INTO orphan;
  IF orphan THEN
    RAISE EXCEPTION 'ringfence: % has rows whose clinic_id is NULL or no clinic of this cell', target
      USING ERRCODE = 'not_null_violation',
      HINT = format('ALTER TABLE %s ADD COLUMN IF NOT EXISTS clinic_id uuid; then give every row its clinic.', target);
  END IF;
END
$$;

CREATE FUNCTION ringfence_private.require_clinic_keys(target regclass) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  clinic_attnum smallint := (SELECT attnum FROM pg_attribute
                              WHERE attrelid = target AND attname = 'clinic_id' AND NOT attisdropped);
  offender record;
BEGIN
  SELECT i.indexrelid::regclass AS name INTO offender FROM pg_index i
   WHERE i.indrelid = target AND (i.indisunique OR i.indisexclusion) AND NOT i.indisprimary
     AND i.indkey[0] IS DISTINCT FROM clinic_attnum LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ringfence: the unique key % of % does not lead with clinic_id', offender.name, target
      USING ERRCODE = 'invalid_table_definition',
      HINT = 'Make it UNIQUE (clinic_id, ...): otherwise a clinic can find out what another one has.';
  END IF;

  SELECT c.conname, c.confrelid::regclass AS other, known.list INTO offender
    FROM pg_constraint c
    JOIN pg_class r ON r.oid = c.confrelid
    JOIN pg_namespace n ON n.oid = r.relnamespace
    LEFT JOIN (SELECT schema_name, table_name, 'tenant' AS list FROM ringfence.tenant_tables
               UNION ALL SELECT schema_name, table_name, 'global' FROM ringfence.global_tables) known
           ON known.schema_name = n.nspname AND known.table_name = r.relname
   WHERE c.conrelid = target AND c.contype = 'f' AND known.list IS DISTINCT FROM 'global'
     AND (known.list IS NULL AND c.confrelid <> target
       OR c.conkey[1] IS DISTINCT FROM clinic_attnum
       OR c.confkey[1] IS DISTINCT FROM (SELECT attnum FROM pg_attribute WHERE attrelid = c.confrelid AND attname = 'clinic_id'))
   ORDER BY known.list NULLS LAST LIMIT 1;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF offender.list IS NULL AND offender.other <> target THEN
    RAISE EXCEPTION 'ringfence: the foreign key % of % refers to %, which is not protected', quote_ident(offender.conname), target, offender.other
      USING ERRCODE = 'invalid_table_definition', HINT = format('SELECT ringfence.protect(%1$L); before this table, or, where they refer to each other: SELECT ringfence.protect_together(%1$L, %2$L);', offender.other, target);
  END IF;
  RAISE EXCEPTION 'ringfence: the foreign key % of % does not lead with clinic_id on both sides', quote_ident(offender.conname), target
    USING ERRCODE = 'invalid_table_definition', HINT = 'Make it FOREIGN KEY (clinic_id, x) REFERENCES other (clinic_id, id).';
END
$$;

-- Puts clinic_id in front of the primary key, where nothing refers to that key yet.
CREATE FUNCTION ringfence_private.lead_primary_key(target regclass) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  key record;
BEGIN
  SELECT c.conname, c.oid, c.conindid,
         (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.position)
            FROM unnest(c.conkey) WITH ORDINALITY k (attnum, position)
            JOIN pg_attribute a ON a.attrelid = target AND a.attnum = k.attnum
           WHERE a.attname <> 'clinic_id') AS rest,
         (SELECT attname FROM pg_attribute WHERE attrelid = target AND attnum = c.conkey[1]) AS first
    INTO key FROM pg_constraint c WHERE c.conrelid = target AND c.contype = 'p';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'ringfence: % has no primary key', target USING ERRCODE = 'invalid_table_definition',
      HINT = format('ALTER TABLE %s ADD PRIMARY KEY (clinic_id, id);', target);
  END IF;
  IF key.first = 'clinic_id' THEN
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = target AND conindid = key.conindid) THEN
    RAISE EXCEPTION 'ringfence: the primary key of % does not lead with clinic_id, and foreign keys refer to it', target
      USING ERRCODE = 'dependent_objects_still_exist',
      HINT = 'Drop those foreign keys, protect this table, then add them as (clinic_id, id).';
  END IF;
  EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, key.conname);
  EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I PRIMARY KEY (clinic_id, %s)', target, key.conname, key.rest);
END
$$;

-- Row-level security for all roles, the table's owner too. In a managed cell nobody is exempt from it but an owner, so there
-- the owner stays exempt: the administrator is a member of ringfence_owner, and backups have to read every row.
CREATE FUNCTION ringfence_private.bind_to_policies(target regclass) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, %s FORCE ROW LEVEL SECURITY', target,
                 CASE WHEN ringfence_private.is_managed() THEN 'NO' ELSE '' END);
END
$$;

CREATE FUNCTION ringfence_private.set_policies(target regclass) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name name;
BEGIN
  PERFORM ringfence_private.bind_to_policies(target);
  -- Permissive policies are OR-ed, so any other one is either without effect or a way around ours;
  -- restrictive ones of the application only narrow, and stay.
  FOR name IN SELECT polname FROM pg_policy
               WHERE polrelid = target AND (polpermissive OR polname IN ('clinic_boundary', 'clinic_members', 'clinic_locks')) LOOP
    EXECUTE format('DROP POLICY %I ON %s', name, target);
  END LOOP;
  -- To PUBLIC, because a role can be taken out of the policies that name it; who comes this far is a matter of grants.
  EXECUTE format('CREATE POLICY clinic_boundary ON %s AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT ringfence.current_clinic() WHERE pg_typeof(ringfence.plan_mark()) IS NOT NULL))
    WITH CHECK (clinic_id = (SELECT ringfence.current_clinic()))', target);
  EXECUTE format('CREATE POLICY clinic_members ON %s AS PERMISSIVE FOR ALL TO PUBLIC
    USING (true) WITH CHECK (true)', target);
  EXECUTE format('CREATE POLICY clinic_locks ON %s AS RESTRICTIVE FOR UPDATE TO PUBLIC
    USING ((SELECT ringfence.may_lock()))', target);
END
$$;

-- A sealed field is bound to the id of its row: under another id it would never open again.
CREATE FUNCTION ringfence_private.keep_id() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NEW.id IS DISTINCT FROM OLD.id THEN
    RAISE EXCEPTION 'ringfence: the id of a row with sealed columns does not change' USING ERRCODE = 'RF004',
      HINT = 'Insert a new row and seal its columns for it.';
  END IF;
  RETURN NEW;
END
$$;

CREATE FUNCTION ringfence_private.set_id_trigger(target regclass) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('DROP TRIGGER IF EXISTS ringfence_keep_id ON %s', target);
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = target AND attname LIKE '%\_sealed' AND atttypid = 'bytea'::regtype AND NOT attisdropped)
     AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = target AND attname = 'id' AND NOT attisdropped) THEN
    EXECUTE format('CREATE TRIGGER ringfence_keep_id BEFORE UPDATE OF id ON %s
                    FOR EACH ROW EXECUTE FUNCTION ringfence_private.keep_id()', target);
  END IF;
END
$$;

-- protect('schema.table') makes any table a tenant table; append_only ones take rows and never change them.
-- Run it again after changing the table: it converges. Without append_only a table stays as it was.
-- It refuses, changing nothing, where only its caller can decide; the HINT says what. A table that Ringfence alone writes stays
-- one that applications only read.
CREATE FUNCTION ringfence.protect(target regclass, append_only boolean DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  child regclass;
  known ringfence.tenant_tables;
BEGIN
  PERFORM ringfence_private.require_tenant_table(target);
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = target AND attname = 'clinic_id' AND NOT attisdropped) THEN
    EXECUTE format('ALTER TABLE %s ADD COLUMN clinic_id uuid', target);
  END IF;
  PERFORM ringfence_private.require_clinic_column(target);
  PERFORM ringfence_private.require_clinic_keys(target);
  EXECUTE format('ALTER TABLE %s ALTER COLUMN clinic_id SET NOT NULL', target);
  EXECUTE format('ALTER TABLE %s ALTER COLUMN clinic_id SET DEFAULT ringfence.current_clinic()', target);
  PERFORM ringfence_private.lead_primary_key(target);
  IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = target AND conname = 'clinic_boundary') THEN
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT clinic_boundary FOREIGN KEY (clinic_id) REFERENCES ringfence.clinics (id)', target);
  END IF;
  PERFORM ringfence_private.set_policies(target);

  INSERT INTO ringfence.tenant_tables AS listed (schema_name, table_name, append_only)
  SELECT n.nspname, c.relname, coalesce(protect.append_only, false)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target
  ON CONFLICT (schema_name, table_name) DO UPDATE SET append_only = coalesce(protect.append_only, listed.append_only)
  RETURNING * INTO known;

  EXECUTE format('ALTER TABLE %s OWNER TO ringfence_owner', target);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, ringfence_app, ringfence_tenant', target);
  EXECUTE format('GRANT %s ON %s TO ringfence_app, ringfence_tenant',
                 CASE WHEN known.read_only THEN 'SELECT' WHEN known.append_only THEN 'SELECT, INSERT'
                      ELSE 'SELECT, INSERT, UPDATE, DELETE' END, target);
  -- The owner too: foreign keys are checked in the name of the table's owner.
  EXECUTE format('GRANT USAGE ON SCHEMA %s TO ringfence_owner, ringfence_app, ringfence_tenant',
                 (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = target));
  -- Read through their parent, children follow its policies; read directly, they show nothing.
  FOR child IN SELECT ringfence_private.children(target) LOOP
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, ringfence_app, ringfence_tenant', child);
    EXECUTE format('ALTER TABLE %s OWNER TO ringfence_owner', child);
    PERFORM ringfence_private.bind_to_policies(child);
  END LOOP;
  PERFORM ringfence_private.set_triggers(target);
  PERFORM ringfence_private.set_id_trigger(target);
  -- The table's defences as they are now are those of the release (0011; the first tables are protected before).
  IF to_regclass('ringfence_private.release') IS NOT NULL THEN
    PERFORM ringfence_private.record_release(target);
  END IF;
END
$$;

-- Tables that refer to each other, all or none: each counts on the others' being protected.
CREATE FUNCTION ringfence.protect_together(VARIADIC targets regclass[]) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target regclass;
BEGIN
  INSERT INTO ringfence.tenant_tables (schema_name, table_name, append_only)
  SELECT n.nspname, c.relname, false FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY (targets)
  ON CONFLICT DO NOTHING;
  FOREACH target IN ARRAY targets LOOP
    PERFORM ringfence.protect(target);
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION ringfence.protect(regclass, boolean), ringfence.protect_together(regclass[]) FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ringfence_private FROM PUBLIC;

-- Down Migration
DROP FUNCTION ringfence.protect_together(regclass[]);
DROP FUNCTION ringfence.protect(regclass, boolean);
DROP FUNCTION ringfence_private.set_id_trigger(regclass);
DROP FUNCTION ringfence_private.keep_id();
DROP FUNCTION ringfence_private.set_policies(regclass);
DROP FUNCTION ringfence_private.bind_to_policies(regclass);
DROP FUNCTION ringfence_private.lead_primary_key(regclass);
DROP FUNCTION ringfence_private.require_clinic_keys(regclass);
DROP FUNCTION ringfence_private.require_clinic_column(regclass);
DROP FUNCTION ringfence_private.require_tenant_table(regclass);
DROP FUNCTION ringfence_private.children(regclass);
