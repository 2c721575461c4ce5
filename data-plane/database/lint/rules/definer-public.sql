-- Functions are everyone's to run unless that is taken away.
SELECT f.name AS object,
       'a SECURITY DEFINER function that PUBLIC may run' AS problem,
       format('REVOKE ALL ON ROUTINE %s FROM PUBLIC;', f.name) AS fix
  FROM routine f
 WHERE f.prosecdef
   AND EXISTS (SELECT FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a WHERE a.grantee = 0)
