SELECT c.oid::text AS oid,
       t.schema_name AS schema,
       t.table_name AS table,
       format('%I.%I', t.schema_name, t.table_name) AS quoted,
       ARRAY(SELECT a.attname::text
               FROM pg_constraint k
               CROSS JOIN unnest(k.conkey) WITH ORDINALITY AS part (attnum, position)
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = part.attnum
              WHERE k.conrelid = c.oid AND k.contype = 'p' ORDER BY part.position) AS "primaryKey",
       ARRAY(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
              ORDER BY a.attnum) AS columns,
       ARRAY(SELECT DISTINCT pc.oid::text
               FROM pg_constraint k
               JOIN pg_class pc ON pc.oid = k.confrelid
               JOIN pg_namespace pn ON pn.oid = pc.relnamespace
               JOIN ringfence.tenant_tables p ON p.schema_name = pn.nspname AND p.table_name = pc.relname
              WHERE k.conrelid = c.oid AND k.contype = 'f') AS "refersTo"
  FROM ringfence.tenant_tables t
  JOIN pg_namespace n ON n.nspname = t.schema_name
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
 ORDER BY t.schema_name, t.table_name
