-- Nothing is everyone's: a role that comes later would have it too.
SELECT r.name AS object, format('PUBLIC has %s', a.privilege_type) AS problem,
       format('REVOKE ALL ON %s%s FROM PUBLIC;', CASE r.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE '' END, r.name) AS fix
  FROM relation r CROSS JOIN aclexplode(r.relacl) a WHERE a.grantee = 0
UNION ALL
SELECT s.name, format('PUBLIC has %s on the schema', a.privilege_type), format('REVOKE ALL ON SCHEMA %s FROM PUBLIC;', s.name)
  FROM user_schema s CROSS JOIN aclexplode(s.nspacl) a WHERE a.grantee = 0
