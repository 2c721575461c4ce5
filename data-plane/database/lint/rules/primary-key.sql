-- The key of a row is (clinic_id, ...): backups, moves and foreign keys are built on it.
SELECT r.name AS object,
       CASE WHEN i.indexrelid IS NULL THEN 'has no primary key' ELSE 'the primary key does not lead with clinic_id' END AS problem,
       CASE WHEN i.indexrelid IS NULL THEN format('ALTER TABLE %s ADD PRIMARY KEY (clinic_id, id);', r.name)
            ELSE format('SELECT ringfence.protect(%L);', r.name) END AS fix
  FROM tenant_table r
  LEFT JOIN pg_index i ON i.indrelid = r.oid AND i.indisprimary
  LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = 'clinic_id'
 WHERE i.indexrelid IS NULL OR i.indkey[0] IS DISTINCT FROM a.attnum
