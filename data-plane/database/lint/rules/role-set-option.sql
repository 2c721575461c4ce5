-- A login that may SET ROLE ringfence_tenant, or pass it on, acts under a name that is not its tenant's.
-- Postgres tells SET from INHERIT since 16.
SELECT member.name AS object,
       CASE WHEN m.admin_option THEN 'may grant ringfence_tenant to others' ELSE 'may SET ROLE ringfence_tenant' END AS problem,
       CASE WHEN m.admin_option THEN format('REVOKE ADMIN OPTION FOR ringfence_tenant FROM %s;', member.name)
            ELSE format('GRANT ringfence_tenant TO %s WITH INHERIT TRUE, SET FALSE;', member.name) END AS fix
  FROM pg_auth_members m
  JOIN application member ON member.oid = m.member
  JOIN pg_roles parent ON parent.oid = m.roleid AND parent.rolname = 'ringfence_tenant'
 WHERE m.admin_option OR (to_jsonb(m) ->> 'set_option')::boolean
