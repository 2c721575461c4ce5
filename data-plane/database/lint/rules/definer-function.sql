-- A definer function runs with its owner's rights: somebody reads it before it goes live.
SELECT f.name AS object,
       'a SECURITY DEFINER function that is not in ringfence.reviewed_objects' AS problem,
       format('ALTER ROUTINE %s SECURITY INVOKER;', f.name) AS fix
  FROM routine f
 WHERE f.prosecdef AND f.name NOT IN (SELECT identity FROM ringfence.reviewed_objects)
