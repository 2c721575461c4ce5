-- Unique and exclusion constraints of tenant tables that a trigger of Postgres checks, because they are deferrable.
SELECT k.conname AS name,
       format('%I.%I', n.nspname, c.relname) AS table,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, part, false) FROM generate_series(1, i.indnkeyatts) part) AS expressions,
       ARRAY(SELECT coalesce((SELECT format('OPERATOR(%I.%s)', o.nspname, p.oprname) FROM pg_operator p
                                JOIN pg_namespace o ON o.oid = p.oprnamespace WHERE p.oid = k.conexclop[part]),
                             CASE WHEN (to_jsonb(i) ->> 'indnullsnotdistinct')::boolean THEN 'IS NOT DISTINCT FROM' ELSE '=' END)
               FROM generate_series(1, i.indnkeyatts) part) AS operators,
       coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') AS predicate
  FROM pg_constraint k
  JOIN pg_index i ON i.indexrelid = k.conindid
  JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN ringfence.tenant_tables t ON t.schema_name = n.nspname AND t.table_name = c.relname
 WHERE k.contype IN ('p', 'u', 'x') AND k.condeferrable
 ORDER BY 2, 1
