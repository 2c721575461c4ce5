-- Superusers and BYPASSRLS ignore every policy; the other attributes are ways to become such a role.
SELECT r.name AS object,
       'an application can come by the rights of a role with ' || lower(a.attribute) AS problem,
       format('ALTER ROLE %s NO%s;', r.name, a.attribute) AS fix
  FROM (SELECT * FROM application
        UNION SELECT oid, rolname, quote_ident(rolname) FROM pg_roles WHERE rolname IN ('ringfence_owner', 'ringfence_gate')) r
  JOIN pg_roles p USING (oid)
  CROSS JOIN LATERAL (VALUES ('SUPERUSER', p.rolsuper), ('BYPASSRLS', p.rolbypassrls), ('CREATEROLE', p.rolcreaterole),
                             ('CREATEDB', p.rolcreatedb), ('REPLICATION', p.rolreplication)) AS a (attribute, has)
 WHERE a.has
UNION ALL
SELECT quote_ident(rolname), 'a role that owns what the boundary is made of can log in',
       format('ALTER ROLE %I NOLOGIN;', rolname)
  FROM pg_roles WHERE rolname IN ('ringfence_owner', 'ringfence_gate', 'ringfence_tenant') AND rolcanlogin
UNION ALL
SELECT r.name, format('the login of applications is valid until %s only', p.rolvaliduntil), format('ALTER ROLE %s VALID UNTIL ''infinity'';', r.name)
  FROM application r JOIN pg_roles p USING (oid)
 WHERE p.rolname IN ('ringfence_app', 'ringfence_keeper') AND p.rolvaliduntil < 'infinity'
