-- What the roles of applications may do to tables.
SELECT format('%I.%I', table_schema, table_name) AS "table", grantee, string_agg(privilege_type, ', ' ORDER BY privilege_type) AS privileges
  FROM information_schema.role_table_grants
 WHERE grantee IN ('ringfence_app', 'ringfence_tenant', 'ringfence_gate', 'PUBLIC')
   AND table_schema NOT IN ('pg_catalog', 'information_schema')
 GROUP BY 1, 2 ORDER BY 1, 2
