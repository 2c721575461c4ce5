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
       (SELECT coalesce(jsonb_object_agg(a.attname, coalesce(pg_get_expr(d.adbin, d.adrelid),
                 format('nextval(%L::regclass)', pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname)))), '{}')
          FROM pg_attribute a
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
           AND (d.oid IS NOT NULL OR a.attidentity <> '')) AS "defaults",
       ARRAY(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull) AS "required",
       EXISTS (SELECT FROM pg_index i
                WHERE i.indrelid = c.oid AND NOT i.indisprimary AND (i.indisunique OR i.indisexclusion)) AS "hasOtherKeys",
       EXISTS (SELECT FROM pg_constraint k
                WHERE k.confrelid = c.oid AND k.contype = 'f' AND k.confdeltype <> 'a') AS "deletesReachFurther"
  FROM ringfence.tenant_tables t
  JOIN pg_namespace n ON n.nspname = t.schema_name
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
