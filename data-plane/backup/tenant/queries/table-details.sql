-- What a backup and a restore need to know of each tenant table beyond readTenantTables.
SELECT c.oid::text AS oid,
       t.append_only AS "appendOnly",
       ringfence_private.row_bytes(c.oid) AS "rowBytes",
       ARRAY(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attcollation <> 0) AS "collated",
       (SELECT jsonb_object_agg(a.attname, format_type(a.atttypid, -1)) FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS "types",
       ARRAY(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = 'a') AS "fixed",
       EXISTS (SELECT FROM pg_index i
                WHERE i.indrelid = c.oid AND NOT i.indisprimary AND (i.indisunique OR i.indisexclusion)) AS "hasOtherKeys",
       EXISTS (SELECT FROM pg_constraint k
                WHERE k.confrelid = c.oid AND k.contype = 'f' AND k.confdeltype <> 'a') AS "deletesReachFurther"
  FROM ringfence.tenant_tables t
  JOIN pg_namespace n ON n.nspname = t.schema_name
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
