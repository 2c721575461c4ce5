-- Temporary tables shadow real names and carry rows through a pool; schemas are not an application's to make.
SELECT quote_ident(d.datname) AS object, format('%s has %s on the database', g.name, a.privilege_type) AS problem,
       format('REVOKE %s ON DATABASE %I FROM %s;', a.privilege_type, d.datname, g.name) AS fix
  FROM pg_database d
  CROSS JOIN aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
  JOIN grantee g ON g.oid = a.grantee
 WHERE d.datname = current_database() AND a.privilege_type IN ('TEMPORARY', 'CREATE')
