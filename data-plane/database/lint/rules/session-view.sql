-- The catalogue's views of other sessions, other logins, and all tenants together; migration 0000 takes them from everyone. In a
-- managed cell nobody can take them from PUBLIC.
SELECT format('%s', c.oid::regclass) AS object, format('%s has %s', g.name, a.privilege_type) AS problem,
       format('REVOKE ALL ON pg_catalog.%I FROM %s;', c.relname, g.name) AS fix
  FROM pg_class c
  CROSS JOIN aclexplode(c.relacl) a
  JOIN grantee g ON g.oid = a.grantee AND (g.oid <> 0 OR NOT EXISTS (SELECT FROM administrator))
 WHERE c.oid IN (SELECT ringfence_private.withheld_relations()) OR c.oid IN ('pg_largeobject'::regclass, 'pg_class'::regclass)
UNION ALL
SELECT format('pg_class.%I', c.attname), format('%s has %s: the planner counts every tenant''s rows', g.name, a.privilege_type),
       format('REVOKE %s (%I) ON pg_catalog.pg_class FROM %s;', a.privilege_type, c.attname, g.name)
  FROM pg_attribute c
  CROSS JOIN aclexplode(c.attacl) a
  JOIN grantee g ON g.oid = a.grantee AND (g.oid <> 0 OR NOT EXISTS (SELECT FROM administrator))
 WHERE c.attrelid = 'pg_class'::regclass AND c.attname = ANY (ringfence_private.withheld_columns())
