-- With the caller's search_path a caller chooses which tables and operators a definer function means.
SELECT f.name AS object,
       'a SECURITY DEFINER function without a search_path that ends in pg_temp' AS problem,
       format('ALTER ROUTINE %s SET search_path = pg_catalog, pg_temp;', f.name) AS fix
  FROM routine f
 WHERE f.prosecdef
   AND NOT EXISTS (SELECT FROM unnest(f.proconfig) AS setting
                    WHERE setting ~ '^search_path=' AND setting ~ '[=,] *"?pg_temp"?$' AND setting !~ '"\$user"')
