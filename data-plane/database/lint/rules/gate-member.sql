-- Whoever has the rights of ringfence_gate writes the context: the forged badge.
SELECT quote_ident(member.rolname) AS object,
       'is a member of ringfence_gate and so may write the context' AS problem,
       format('REVOKE ringfence_gate FROM %I;', member.rolname) AS fix
  FROM pg_auth_members m
  JOIN pg_roles member ON member.oid = m.member AND NOT member.rolsuper
  JOIN pg_roles parent ON parent.oid = m.roleid AND parent.rolname = 'ringfence_gate'
 WHERE m.member NOT IN (SELECT oid FROM administrator)
   AND (coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
     OR coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))
