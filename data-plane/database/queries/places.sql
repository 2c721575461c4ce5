-- Columns of tables that name a tenant or a clinic. Partitions are reached through their parents.
SELECT format('%I.%I', n.nspname, c.relname) AS table, quote_ident(a.attname) AS column
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'uuid'::regtype
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
   AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
   AND (a.attname IN ('clinic_id', 'tenant_id')
     OR a.attname = 'id' AND n.nspname = 'ringfence' AND c.relname IN ('clinics', 'tenants'))
 ORDER BY 1, 2
