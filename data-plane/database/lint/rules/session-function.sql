-- Functions of Postgres that reach other sessions or data without rows; migration 0000 takes them from everyone. In a
-- managed cell nobody can take them from PUBLIC (docs/isolation-testing.md, "On Amazon RDS").
SELECT format('%s', f.oid::regprocedure) AS object,
       format('%s may run it: it reaches other tenants past every policy', g.name) AS problem,
       format('REVOKE ALL ON FUNCTION %s FROM %s;', f.oid::regprocedure, g.name) AS fix
  FROM pg_proc f
  CROSS JOIN aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a
  JOIN grantee g ON g.oid = a.grantee AND (g.oid <> 0 OR NOT EXISTS (SELECT FROM administrator))
 WHERE f.pronamespace = 'pg_catalog'::regnamespace
   AND (f.proname LIKE 'lo\_%' OR f.proname LIKE 'pg\_%advisory%' OR f.proname LIKE 'pg\_stat\_get\_backend\_%'
        OR f.proname IN ('loread', 'lowrite', 'pg_notify', 'pg_stat_get_activity', 'pg_lock_status', 'pg_prepared_xact', 'pg_prepared_statement',
                         'pg_cancel_backend', 'pg_terminate_backend', 'pg_logical_emit_message'))
