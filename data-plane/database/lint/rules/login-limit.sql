-- One tenant that takes every connection stops the others.
SELECT r.name AS object, 'a tenant''s login has no connection limit' AS problem,
       format('ALTER ROLE %s CONNECTION LIMIT 10;', r.name) AS fix
  FROM ringfence.tenants t JOIN application r ON r.rolname = t.login_role JOIN pg_roles p USING (oid)
 WHERE p.rolconnlimit = -1
