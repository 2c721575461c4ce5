-- A definer function runs with its owner's rights: somebody reads it before it goes live.
SELECT f.name AS object,
       'a SECURITY DEFINER function that is not in ringfence.reviewed_objects' AS problem,
       format('ALTER ROUTINE %s SECURITY INVOKER;', f.name) AS fix
  FROM routine f
 WHERE f.prosecdef AND f.name NOT IN (SELECT identity FROM ringfence.reviewed_objects)
UNION ALL
-- In a schema of Postgres nobody looks for a function, everybody finds it first, and PUBLIC may run it. A provider that keeps the
-- superuser to itself may have its own there, and nobody else can make one.
SELECT format('%s', p.oid::regprocedure), 'a function in a schema of Postgres that Postgres did not bring along',
       format('DROP ROUTINE %I.%I(%s);', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname IN ('pg_catalog', 'information_schema') AND p.oid >= 16384 AND NOT EXISTS (SELECT FROM administrator)
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
