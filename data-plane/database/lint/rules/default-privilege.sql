-- A right that comes with every new table is given before anyone looked at the table.
SELECT coalesce(quote_ident(n.nspname), 'every schema') AS object,
       format('%s gets %s on whatever %I makes here', g.name, a.privilege_type, o.rolname) AS problem,
       format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE ALL ON %s FROM %s;', o.rolname,
              ' IN SCHEMA ' || quote_ident(n.nspname), kind.plural, g.name) AS fix
  FROM pg_default_acl d
  JOIN pg_roles o ON o.oid = d.defaclrole
  LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
  JOIN (VALUES ('r', 'TABLES'), ('S', 'SEQUENCES'), ('n', 'SCHEMAS')) AS kind (letter, plural) ON kind.letter = d.defaclobjtype::text
  CROSS JOIN aclexplode(d.defaclacl) a
  JOIN grantee g ON g.oid = a.grantee
