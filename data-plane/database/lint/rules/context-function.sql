-- The functions that the boundary is made of are as the migrations, or managed-cell.sql, left them.
SELECT 'ringfence.current_clinic()' AS object,
       'is not the function that the migrations made' AS problem,
       'bring the function of data-plane/database/migrations/cell/0001_context.sql back' AS fix
 WHERE NOT EXISTS (
   SELECT FROM routine f JOIN pg_language l ON l.oid = f.prolang
    WHERE f.name = 'ringfence.current_clinic()' AND f.provolatile = 's' AND NOT f.prosecdef AND l.lanname = 'sql'
      AND f.prorettype = 'uuid'::regtype AND f.proconfig IS NULL
      AND btrim(f.prosrc) = CASE WHEN EXISTS (SELECT FROM administrator)
            THEN 'SELECT nullif(left(ringfence.context(), 32), '''')::uuid'
            ELSE 'SELECT nullif(left(current_setting(''backtrace_functions''), 32), '''')::uuid' END)
UNION ALL
SELECT 'ringfence.enter(bytea)',
       'is not a SECURITY DEFINER function that ringfence_gate owns',
       'ALTER FUNCTION ringfence.enter(bytea) OWNER TO ringfence_gate; ALTER FUNCTION ringfence.enter(bytea) SECURITY DEFINER;'
 WHERE NOT EXISTS (
   SELECT FROM routine f JOIN pg_roles r ON r.oid = f.proowner
    WHERE f.name = 'ringfence.enter(bytea)' AND f.prosecdef AND r.rolname = 'ringfence_gate')
UNION ALL
SELECT 'ringfence.context()',
       'is not a SECURITY DEFINER function that ringfence_gate owns',
       'ALTER FUNCTION ringfence.context() OWNER TO ringfence_gate; ALTER FUNCTION ringfence.context() SECURITY DEFINER;'
 WHERE EXISTS (SELECT FROM administrator) AND NOT EXISTS (
   SELECT FROM routine f JOIN pg_roles r ON r.oid = f.proowner
    WHERE f.name = 'ringfence.context()' AND f.prosecdef AND r.rolname = 'ringfence_gate')
