-- Functions that the boundary is made of, as they are now.
SELECT f.oid::regprocedure::text AS function, pg_get_userbyid(f.proowner) AS owner, f.prosecdef AS definer,
       coalesce(o.reason, '') AS reviewed, pg_get_functiondef(f.oid) AS source
  FROM pg_proc f
  JOIN pg_namespace n ON n.oid = f.pronamespace AND n.nspname IN ('ringfence', 'ringfence_private', 'clinical')
  LEFT JOIN ringfence.reviewed_objects o ON o.identity = f.oid::regprocedure::text
 WHERE f.prokind = 'f' ORDER BY 1
