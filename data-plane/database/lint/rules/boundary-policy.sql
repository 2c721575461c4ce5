-- Permissive policies are OR-ed, so the boundary is a restrictive one, for every command and every role.
SELECT t.name AS object,
       CASE WHEN p.oid IS NULL THEN 'has no restrictive policy clinic_boundary'
            WHEN p.polpermissive THEN 'the policy clinic_boundary is permissive: another policy can widen it'
            WHEN p.polcmd <> '*' THEN 'the policy clinic_boundary is not for all commands'
            WHEN p.polroles <> '{0}' THEN 'the policy clinic_boundary is not for every role'
            WHEN pg_get_expr(p.polqual, p.polrelid) IS DISTINCT FROM format('(%s AND ringfence.may_plan())', boundary.expression)
              THEN 'the policy clinic_boundary reads rows by another expression than the clinic''s'
            ELSE 'the policy clinic_boundary checks new rows by another expression than the clinic''s' END AS problem,
       format('SELECT ringfence.protect(%L);', t.name) AS fix
  FROM tenant_table t
  CROSS JOIN (VALUES ('(clinic_id = ( SELECT ringfence.current_clinic() AS current_clinic))')) AS boundary (expression)
  LEFT JOIN pg_policy p ON p.polrelid = t.oid AND p.polname = 'clinic_boundary'
 WHERE p.oid IS NULL OR p.polpermissive OR p.polcmd <> '*' OR p.polroles <> '{0}'
    OR pg_get_expr(p.polqual, p.polrelid) IS DISTINCT FROM format('(%s AND ringfence.may_plan())', boundary.expression)
    OR pg_get_expr(p.polwithcheck, p.polrelid) IS DISTINCT FROM boundary.expression
