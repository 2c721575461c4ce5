-- A trigger runs with the rights of whoever writes the row: only the owners of the schema write one.
SELECT r.name AS object, format('the trigger %I runs a function of %I', t.tgname, o.rolname) AS problem,
       format('DROP TRIGGER %I ON %s;', t.tgname, r.name) AS fix
  FROM pg_trigger t
  JOIN tenant_family r ON r.oid = t.tgrelid
  JOIN pg_proc f ON f.oid = t.tgfoid
  JOIN pg_roles o ON o.oid = f.proowner
 WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND NOT o.rolsuper AND o.rolname NOT IN ('ringfence_owner', 'ringfence_gate')
   AND o.oid NOT IN (SELECT oid FROM administrator)
