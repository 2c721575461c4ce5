-- What the catalogue says of each tenant table: comments, columns, CHECK constraints.
SELECT c.oid::text AS oid,
       obj_description(c.oid, 'pg_class') AS description,
       ARRAY(SELECT pg_get_constraintdef(k.oid, true) FROM pg_constraint k
              WHERE k.conrelid = c.oid AND k.contype = 'c' ORDER BY k.conname) AS rules,
       (SELECT jsonb_agg(jsonb_build_object(
                 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
                 'description', col_description(c.oid, a.attnum)) ORDER BY a.attnum)
          FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
  FROM ringfence.tenant_tables t
  JOIN pg_namespace n ON n.nspname = t.schema_name
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
