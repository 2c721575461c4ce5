-- The tenant tables, what the application may do to them, and what a row of them needs at least.
SELECT format('%I.%I', n.nspname, c.relname) AS name,
       has_table_privilege('ringfence_app', c.oid, 'UPDATE') AS "mayUpdate",
       has_table_privilege('ringfence_app', c.oid, 'DELETE') AS "mayDelete",
       ARRAY(SELECT quote_ident(a.attname) FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                AND a.attname <> 'clinic_id' ORDER BY a.attnum) AS columns,
       coalesce((SELECT jsonb_agg(jsonb_build_object(
                          'name', quote_ident(a.attname),
                          'type', format_type(a.atttypid, a.atttypmod),
                          'kind', y.typcategory,
                          'label', (SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = a.atttypid ORDER BY e.enumsortorder LIMIT 1),
                          'check', (SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
                                     WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
                                       AND pg_get_constraintdef(k.oid) LIKE '%ANY (ARRAY[%' LIMIT 1)) ORDER BY a.attnum)
                   FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'clinic_id'
                    AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''), '[]') AS required
  FROM ringfence.tenant_tables t
  JOIN pg_namespace n ON n.nspname = t.schema_name
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
 ORDER BY 1
