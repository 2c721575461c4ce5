-- The bytea columns of tenant tables that are named *_sealed or *_index, with what a comment declares of them.
SELECT t.schema_name AS schema,
       t.table_name AS table,
       format('%I.%I', t.schema_name, t.table_name) AS quoted,
       ARRAY(SELECT k.attname::text
               FROM pg_constraint p
              CROSS JOIN unnest(p.conkey) WITH ORDINALITY AS part (attnum, position)
               JOIN pg_attribute k ON k.attrelid = p.conrelid AND k.attnum = part.attnum
              WHERE p.conrelid = c.oid AND p.contype = 'p' ORDER BY part.position) AS "primaryKey",
       (SELECT format_type(k.atttypid, k.atttypmod)
          FROM pg_constraint p
          JOIN pg_attribute k ON k.attrelid = p.conrelid AND k.attnum = p.conkey[2]
         WHERE p.conrelid = c.oid AND p.contype = 'p') AS "keyType",
       a.attname::text AS column,
       substring(col_description(c.oid, a.attnum) FROM '^blind index: ([a-z]+)$') AS kind
  FROM ringfence.tenant_tables t
  JOIN pg_namespace n ON n.nspname = t.schema_name
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE a.atttypid = 'bytea'::regtype AND (a.attname LIKE '%\_sealed' OR a.attname LIKE '%\_index')
 ORDER BY 1, 2, a.attnum
