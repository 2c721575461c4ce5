-- A right on one column is easy to overlook and outlives a REVOKE that names the table's other rights.
SELECT r.name AS object, format('%s has %s on the column %I', g.name, a.privilege_type, c.attname) AS problem,
       format('REVOKE %s (%I) ON %s FROM %s;', a.privilege_type, c.attname, r.name, g.name) AS fix
  FROM relation r
  JOIN pg_attribute c ON c.attrelid = r.oid AND NOT c.attisdropped
  CROSS JOIN aclexplode(c.attacl) a
  JOIN grantee g ON g.oid = a.grantee
