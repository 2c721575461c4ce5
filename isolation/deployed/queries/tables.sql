-- Every table with what row-level security does on it.
SELECT format('%I.%I', n.nspname, c.relname) AS "table",
       CASE WHEN t.table_name IS NOT NULL THEN 'tenant' WHEN g.table_name IS NOT NULL THEN 'global' ELSE 'unknown' END AS kind,
       c.relrowsecurity AS "rowSecurity", c.relforcerowsecurity AS forced, pg_get_userbyid(c.relowner) AS owner,
       coalesce(t.append_only, false) AS "appendOnly", coalesce(g.reason, '') AS reason
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN ringfence.tenant_tables t ON t.schema_name = n.nspname AND t.table_name = c.relname
  LEFT JOIN ringfence.global_tables g ON g.schema_name = n.nspname AND g.table_name = c.relname
 WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
 ORDER BY 1
