SELECT r.rolname AS role, r.rolcanlogin AS login, r.rolsuper AS superuser, r.rolbypassrls AS "bypassRls",
       r.rolcreaterole AS "createRole", r.rolreplication AS replication, r.rolconnlimit AS "connectionLimit",
       coalesce((SELECT string_agg(g.rolname, ', ' ORDER BY g.rolname) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                  WHERE m.member = r.oid), '') AS "memberOf"
  FROM pg_roles r
 WHERE r.rolname LIKE 'ringfence\_%' OR r.rolname IN (SELECT login_role FROM ringfence.tenants)
 ORDER BY 1
