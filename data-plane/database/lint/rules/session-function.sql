-- Functions of Postgres that reach other sessions, all tenants together, or data without rows; migration 0000 takes them from
-- everyone. In a managed cell nobody can take them from PUBLIC (docs/isolation-testing.md, "On Amazon RDS").
SELECT format('%s', f.oid::regprocedure) AS object,
       format('%s may run it: it reaches other tenants past every policy', g.name) AS problem,
       format('REVOKE ALL ON FUNCTION %s FROM %s;', f.oid::regprocedure, g.name) AS fix
  FROM pg_proc f
  CROSS JOIN aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a
  JOIN grantee g ON g.oid = a.grantee AND (g.oid <> 0 OR NOT EXISTS (SELECT FROM administrator))
 WHERE f.oid IN (SELECT ringfence_private.withheld_functions())
