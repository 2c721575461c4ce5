-- Up Migration

-- Refuses what protect() cannot mend by itself, with the statement that mends it.
CREATE FUNCTION ringfence_private.require_tenant_shape(target regclass) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  clinic_attnum smallint := (SELECT attnum FROM pg_attribute
                              WHERE attrelid = target AND attname = 'clinic_id' AND NOT attisdropped);
  offender text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_class WHERE oid = target AND relkind IN ('r', 'p') AND NOT relispartition) THEN
    RAISE EXCEPTION '% is not a table (or is a partition)', target
      USING HINT = 'Protect tables; of a partitioned table, protect the parent.';
  END IF;
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = target AND attname = 'clinic_id'
              AND NOT attisdropped AND atttypid <> 'uuid'::regtype) THEN
    RAISE EXCEPTION '%.clinic_id is not of type uuid', target
      USING HINT = format('ALTER TABLE %s ALTER COLUMN clinic_id TYPE uuid USING clinic_id::text::uuid;', target);
  END IF;

  SELECT i.indexrelid::regclass::text INTO offender FROM pg_index i
   WHERE i.indrelid = target AND i.indisunique AND NOT i.indisprimary
     AND i.indkey[0] IS DISTINCT FROM clinic_attnum LIMIT 1;
  IF offender IS NOT NULL THEN
    RAISE EXCEPTION 'the unique key % of % does not lead with clinic_id', offender, target
      USING HINT = 'Make it UNIQUE (clinic_id, ...): otherwise a clinic can find out what another one has.';
  END IF;

  SELECT c.conname INTO offender FROM pg_constraint c
   WHERE c.conrelid = target AND c.contype = 'f'
     AND EXISTS (SELECT FROM ringfence.tenant_tables t
                  WHERE format('%I.%I', t.schema_name, t.table_name)::regclass = c.confrelid)
     AND NOT (c.conkey[1] = clinic_attnum) LIMIT 1;
  IF offender IS NOT NULL THEN
    RAISE EXCEPTION 'the foreign key % of % does not lead with clinic_id', offender, target
      USING HINT = 'Make it FOREIGN KEY (clinic_id, x) REFERENCES other (clinic_id, id).';
  END IF;
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
  IF key IS NULL THEN
    RAISE EXCEPTION '% has no primary key', target
      USING HINT = format('ALTER TABLE %s ADD PRIMARY KEY (clinic_id, id);', target);
  END IF;
  IF key.first = 'clinic_id' THEN
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = target AND conindid = key.conindid) THEN
    RAISE EXCEPTION 'the primary key of % does not lead with clinic_id, and other tables refer to it', target
      USING HINT = 'Drop those foreign keys, protect this table, then add them as (clinic_id, id).';
  END IF;
  EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, key.conname);
  EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I PRIMARY KEY (clinic_id, %s)', target, key.conname, key.rest);
END
$$;

-- protect('schema.table') makes any table a tenant table; append_only ones take rows and never change them.
-- Run it again after changing the table: it converges.
CREATE FUNCTION ringfence.protect(target regclass, append_only boolean DEFAULT false) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  partition regclass;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = target AND attname = 'clinic_id' AND NOT attisdropped) THEN
    EXECUTE format('ALTER TABLE %s ADD COLUMN clinic_id uuid', target);
  END IF;
  PERFORM ringfence_private.require_tenant_shape(target);
  EXECUTE format('ALTER TABLE %s ALTER COLUMN clinic_id SET NOT NULL', target);
  EXECUTE format('ALTER TABLE %s ALTER COLUMN clinic_id SET DEFAULT ringfence.current_clinic()', target);
  PERFORM ringfence_private.lead_primary_key(target);
  IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = target AND conname = 'clinic_boundary') THEN
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT clinic_boundary FOREIGN KEY (clinic_id) REFERENCES ringfence.clinics (id)', target);
  END IF;

  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('DROP POLICY IF EXISTS clinic_boundary ON %s', target);
  EXECUTE format('DROP POLICY IF EXISTS clinic_members ON %s', target);
  -- Permissive policies are OR-ed, so another one could widen access; a restrictive one cannot be widened.
  EXECUTE format('CREATE POLICY clinic_boundary ON %s AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT ringfence.current_clinic()))
    WITH CHECK (clinic_id = (SELECT ringfence.current_clinic()))', target);
  EXECUTE format('CREATE POLICY clinic_members ON %s AS PERMISSIVE FOR ALL TO ringfence_app, ringfence_tenant
    USING (true) WITH CHECK (true)', target);

  EXECUTE format('ALTER TABLE %s OWNER TO ringfence_owner', target);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, ringfence_app, ringfence_tenant', target);
  EXECUTE format('GRANT %s ON %s TO ringfence_app, ringfence_tenant',
                 CASE WHEN append_only THEN 'SELECT, INSERT' ELSE 'SELECT, INSERT, UPDATE, DELETE' END, target);
  FOR partition IN SELECT relid FROM pg_partition_tree(target) WHERE relid <> target LOOP
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, ringfence_app, ringfence_tenant', partition);
    EXECUTE format('ALTER TABLE %s OWNER TO ringfence_owner', partition);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', partition);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', partition);
  END LOOP;

  INSERT INTO ringfence.tenant_tables AS known (schema_name, table_name, append_only)
  SELECT n.nspname, c.relname, protect.append_only
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target
  ON CONFLICT (schema_name, table_name) DO UPDATE SET append_only = excluded.append_only;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO ringfence_app, ringfence_tenant',
                 (SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = target));
END
$$;
REVOKE ALL ON FUNCTION ringfence.protect(regclass, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION ringfence_private.require_tenant_shape(regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION ringfence_private.lead_primary_key(regclass) FROM PUBLIC;

-- Down Migration
DROP FUNCTION ringfence.protect(regclass, boolean);
DROP FUNCTION ringfence_private.lead_primary_key(regclass);
DROP FUNCTION ringfence_private.require_tenant_shape(regclass);
