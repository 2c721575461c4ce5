-- Permissive policies are OR-ed, so the boundary is a restrictive one, for every command and every role.
SELECT t.name AS object,
       CASE WHEN p.oid IS NULL THEN 'has no restrictive policy clinic_boundary'
            WHEN p.polpermissive THEN 'the policy clinic_boundary is permissive: another policy can widen it'
            WHEN p.polcmd <> '*' THEN 'the policy clinic_boundary is not for all commands'
            WHEN p.polroles <> '{0}' THEN 'the policy clinic_boundary is not for every role'
            WHEN pg_get_expr(p.polqual, p.polrelid) IS DISTINCT FROM boundary.reads
              THEN 'the policy clinic_boundary reads rows by another expression than the clinic''s'
            ELSE 'the policy clinic_boundary checks new rows by another expression than the clinic''s' END AS problem,
       format('SELECT ringfence.protect(%L);', t.name) AS fix
  FROM tenant_table t
  CROSS JOIN (VALUES (E'(clinic_id = ( SELECT ringfence.current_clinic() AS current_clinic\n'
                      '  WHERE (pg_typeof(ringfence.plan_mark()) IS NOT NULL)))',
                      '(clinic_id = ( SELECT ringfence.current_clinic() AS current_clinic))')) AS boundary (reads, writes)
  LEFT JOIN pg_policy p ON p.polrelid = t.oid AND p.polname = 'clinic_boundary'
 WHERE p.oid IS NULL OR p.polpermissive OR p.polcmd <> '*' OR p.polroles <> '{0}'
    OR pg_get_expr(p.polqual, p.polrelid) IS DISTINCT FROM boundary.reads
    OR pg_get_expr(p.polwithcheck, p.polrelid) IS DISTINCT FROM boundary.writes
