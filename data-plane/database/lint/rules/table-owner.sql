-- Tenant tables belong to a role that nobody logs in as.
SELECT r.name AS object, format('is owned by %I', o.rolname) AS problem,
       format('ALTER TABLE %s OWNER TO ringfence_owner;', r.name) AS fix
  FROM tenant_family r JOIN pg_roles o ON o.oid = r.relowner
 WHERE o.rolname <> 'ringfence_owner'
