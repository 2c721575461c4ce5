-- The catalogue's views of other sessions, their locks and large objects. In a managed cell nobody can take them from PUBLIC.
SELECT format('%s', c.oid::regclass) AS object, format('%s has %s', g.name, a.privilege_type) AS problem,
       format('REVOKE ALL ON pg_catalog.%I FROM %s;', c.relname, g.name) AS fix
  FROM pg_class c
  CROSS JOIN aclexplode(c.relacl) a
  JOIN grantee g ON g.oid = a.grantee AND (g.oid <> 0 OR NOT EXISTS (SELECT FROM administrator))
 WHERE c.relnamespace = 'pg_catalog'::regnamespace
   AND c.relname IN ('pg_stat_activity', 'pg_largeobject', 'pg_largeobject_metadata', 'pg_prepared_xacts', 'pg_cursors', 'pg_prepared_statements', 'pg_locks')
