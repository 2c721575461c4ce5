-- A table made in a schema of the search path shadows the real one.
SELECT s.name AS object, format('%s may %s in the schema', g.name, lower(a.privilege_type)) AS problem,
       format('REVOKE %s ON SCHEMA %s FROM %s;', a.privilege_type, s.name, g.name) AS fix
  FROM user_schema s
  CROSS JOIN aclexplode(s.nspacl) a
  JOIN grantee g ON g.oid = a.grantee AND g.oid <> 0
 WHERE a.privilege_type = 'CREATE' OR s.nspname = 'ringfence_private'
