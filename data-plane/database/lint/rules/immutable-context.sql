-- A plan keeps the value of an IMMUTABLE function: a pooled connection would serve the last clinic's.
SELECT f.name AS object,
       'reads the context or a setting but is marked IMMUTABLE: a cached plan keeps another clinic''s value' AS problem,
       format('ALTER FUNCTION %s STABLE;', f.name) AS fix
  FROM routine f
 WHERE f.provolatile = 'i'
   -- It looks at the statement when it is planned, and nothing of it stays.
   AND f.name <> 'ringfence.plan_mark()'
   AND coalesce(pg_get_function_sqlbody(f.oid), f.prosrc) ~* 'current_setting|current_clinic'
