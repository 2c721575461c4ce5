-- A 'support' policy is how a tenant's rows got out before: every permissive policy but our own is named.
SELECT r.name AS object,
       format('the permissive policy %I widens what a clinic sees', p.polname) AS problem,
       format('DROP POLICY %I ON %s;', p.polname, r.name) AS fix
  FROM pg_policy p JOIN relation r ON r.oid = p.polrelid
 WHERE p.polpermissive AND p.polname <> ALL ('{clinic_boundary,clinic_members}'::name[])
   AND r.oid IN (SELECT oid FROM tenant_family)
UNION ALL
SELECT r.name, format('the policy %I is not one of Ringfence''s', p.polname),
       format('DROP POLICY %I ON %s;', p.polname, r.name)
  FROM pg_policy p JOIN relation r ON r.oid = p.polrelid AND r.name = 'ringfence.clinics'
 WHERE p.polpermissive
   AND NOT (p.polname = 'tenant_rows' AND p.polcmd = 'r'
            AND pg_get_expr(p.polqual, p.polrelid) = E'(id = ( SELECT ringfence.current_clinic() AS current_clinic\n'
                                                     '  WHERE (pg_typeof(ringfence.plan_mark()) IS NOT NULL)))')
   AND NOT (p.polname = 'gate_rows' AND p.polcmd = 'r'
            AND p.polroles = ARRAY(SELECT oid FROM pg_roles WHERE rolname = 'ringfence_gate'))
