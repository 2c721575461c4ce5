-- What an import has to know of each tenant table beyond its dictionary: defaults, CHECK constraints, other unique keys,
-- and whether an application may add rows.
SELECT c.oid::text AS oid,
       has_table_privilege('ringfence_app', c.oid, 'INSERT') AS "forApplications",
       (SELECT coalesce(jsonb_object_agg(a.attname, coalesce(pg_get_expr(d.adbin, d.adrelid), 'NULL')), '{}')
          FROM pg_attribute a
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
           AND (d.oid IS NOT NULL OR a.attidentity <> '')) AS defaults,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                 'name', k.conname, 'expression', pg_get_expr(k.conbin, k.conrelid), 'rule', pg_get_constraintdef(k.oid, true),
                 'columns', (SELECT jsonb_agg(a.attname) FROM pg_attribute a
                              WHERE a.attrelid = c.oid AND a.attnum = ANY (k.conkey))) ORDER BY k.conname), '[]')
          FROM pg_constraint k
         WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey IS NOT NULL) AS checks,
       -- Those with an expression or a condition are left to the database.
       (SELECT coalesce(jsonb_agg((SELECT jsonb_agg(a.attname ORDER BY part.position)
                                     FROM unnest(i.indkey) WITH ORDINALITY AS part (attnum, position)
                                     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = part.attnum)), '[]')
          FROM pg_index i
         WHERE i.indrelid = c.oid AND i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL AND i.indexprs IS NULL
           AND i.indnkeyatts = i.indnatts) AS uniques
  FROM ringfence.tenant_tables t
  JOIN pg_namespace n ON n.nspname = t.schema_name
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
