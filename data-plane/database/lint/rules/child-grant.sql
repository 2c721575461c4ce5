-- A partition or child that is read directly is read without its parent's policies.
SELECT r.name AS object, format('%s has %s on a partition or child table', g.name, a.privilege_type) AS problem,
       format('REVOKE ALL ON %s FROM %s;', r.name, g.name) AS fix
  FROM tenant_child r
  CROSS JOIN aclexplode(r.relacl) a
  JOIN grantee g ON g.oid = a.grantee
