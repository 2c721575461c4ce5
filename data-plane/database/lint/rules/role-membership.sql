-- SET ROLE and inherited rights come from memberships: an application has none but ringfence_tenant's.
SELECT member.name AS object,
       format('is a member of %I', parent.rolname) AS problem,
       format('REVOKE %I FROM %s;', parent.rolname, member.name) AS fix
  FROM pg_auth_members m
  JOIN application member ON member.oid = m.member
  JOIN pg_roles parent ON parent.oid = m.roleid
 WHERE parent.rolname <> 'ringfence_tenant' OR member.rolname IN ('ringfence_app', 'ringfence_tenant')
