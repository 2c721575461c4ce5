-- A second connection, or a file, is outside every transaction and policy of this one.
SELECT f.oid::regprocedure::text AS object, format('%s may open connections of its own with %I', g.name, e.extname) AS problem,
       format('REVOKE ALL ON FUNCTION %s FROM %s;', f.oid::regprocedure, g.name) AS fix
  FROM pg_extension e
  JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
  JOIN pg_proc f ON f.oid = d.objid
  CROSS JOIN aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a
  JOIN grantee g ON g.oid = a.grantee
 WHERE e.extname = 'dblink' AND f.proname LIKE 'dblink%' AND f.proname NOT LIKE '%fdw_validator'
UNION ALL
SELECT quote_ident(w.fdwname), format('%s may define servers with this foreign-data wrapper', g.name),
       format('REVOKE ALL ON FOREIGN DATA WRAPPER %I FROM %s;', w.fdwname, g.name)
  FROM pg_foreign_data_wrapper w CROSS JOIN aclexplode(w.fdwacl) a JOIN grantee g ON g.oid = a.grantee
UNION ALL
SELECT quote_ident(s.srvname), format('%s may use this foreign server', g.name),
       format('REVOKE ALL ON FOREIGN SERVER %I FROM %s;', s.srvname, g.name)
  FROM pg_foreign_server s CROSS JOIN aclexplode(s.srvacl) a JOIN grantee g ON g.oid = a.grantee
UNION ALL
SELECT quote_ident(m.srvname), format('%s has a login on this foreign server', g.name),
       format('DROP USER MAPPING FOR %s SERVER %I;', g.name, m.srvname)
  FROM pg_user_mappings m JOIN grantee g ON g.oid = m.umuser
