-- A key over every clinic answers "does another clinic have this?", and ON CONFLICT shows the value.
SELECT r.name AS object,
       format('the %s %s does not lead with clinic_id', CASE WHEN i.indisexclusion THEN 'exclusion constraint' ELSE 'unique key' END,
              quote_ident(x.relname)) AS problem,
       CASE WHEN k.oid IS NOT NULL THEN format('ALTER TABLE %s DROP CONSTRAINT %I;', r.name, k.conname)
            ELSE format('DROP INDEX %s;', i.indexrelid::regclass) END AS fix
  FROM tenant_family r
  JOIN pg_index i ON i.indrelid = r.oid AND (i.indisunique OR i.indisexclusion) AND NOT i.indisprimary
  JOIN pg_class x ON x.oid = i.indexrelid AND NOT x.relispartition
  LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = r.oid AND k.contype IN ('u', 'x')
  LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = 'clinic_id'
 WHERE i.indkey[0] IS DISTINCT FROM a.attnum
    OR i.indisexclusion AND NOT EXISTS (SELECT FROM pg_operator o WHERE o.oid = k.conexclop[1] AND o.oprname = '=')
