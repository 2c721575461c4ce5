-- Every row of a tenant table belongs to exactly one clinic.
SELECT r.name AS object,
       CASE WHEN a.attnum IS NULL THEN 'has no column clinic_id'
            WHEN a.atttypid <> 'uuid'::regtype THEN 'clinic_id is not of type uuid'
            ELSE 'clinic_id may be NULL' END AS problem,
       CASE WHEN a.attnum IS NULL THEN format('SELECT ringfence.protect(%L);', r.name)
            WHEN a.atttypid <> 'uuid'::regtype
              THEN format('ALTER TABLE %s ALTER COLUMN clinic_id TYPE uuid USING clinic_id::text::uuid;', r.name)
            ELSE format('ALTER TABLE %s ALTER COLUMN clinic_id SET NOT NULL;', r.name) END AS fix
  FROM tenant_table r
  LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = 'clinic_id' AND NOT a.attisdropped
 WHERE a.attnum IS NULL OR a.atttypid <> 'uuid'::regtype OR NOT a.attnotnull
