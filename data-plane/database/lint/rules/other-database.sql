-- What protects tenants ends at this database: in another one of the server its logins find large objects, advisory locks and
-- each other's sessions.
SELECT quote_ident(d.datname) AS object, format('%s may connect to it', g.name) AS problem,
       format('REVOKE CONNECT ON DATABASE %I FROM %s;', d.datname, g.name) AS fix
  FROM pg_database d
  CROSS JOIN aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
  JOIN grantee g ON g.oid = a.grantee
 WHERE d.datallowconn AND a.privilege_type = 'CONNECT' AND d.datname IN ('postgres', 'template1')
   AND (NOT EXISTS (SELECT FROM administrator) OR pg_has_role(current_user, d.datdba, 'MEMBER'))
