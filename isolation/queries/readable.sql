-- Whatever has a clinic_id and the application may read: tables, views, materialised views, protected or not.
SELECT format('%I.%I', n.nspname, c.relname) AS name, 'clinic_id' AS boundary
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'clinic_id' AND a.atttypid = 'uuid'::regtype AND NOT a.attisdropped
 WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (c.relkind <> 'm' OR c.relispopulated)
   AND has_schema_privilege('ringfence_app', n.oid, 'USAGE') AND has_table_privilege('ringfence_app', c.oid, 'SELECT')
UNION ALL
SELECT 'ringfence.clinics', 'id'
 ORDER BY 1
