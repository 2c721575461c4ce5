-- Of Ringfence's own functions an application runs two, and those that were reviewed.
SELECT f.name AS object, format('%s may run it', g.name) AS problem,
       format('REVOKE ALL ON ROUTINE %s FROM %s;', f.name, g.name) AS fix
  FROM routine f
  JOIN user_schema s ON s.oid = f.pronamespace AND s.nspname IN ('ringfence', 'ringfence_private')
  CROSS JOIN aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a
  JOIN grantee g ON g.oid = a.grantee
 WHERE (g.oid = 0 OR f.name <> 'ringfence.current_clinic()')
   AND (g.oid = 0 OR f.name NOT IN (SELECT identity FROM ringfence.reviewed_objects))
