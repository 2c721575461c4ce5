-- Only ringfence_gate may write the setting that holds the context; an application may write no guarded setting.
SELECT p.parname AS object,
       format('%s may be written by %s', p.parname, coalesce(quote_ident(r.rolname), 'PUBLIC')) AS problem,
       format('REVOKE %s ON PARAMETER %I FROM %s;', a.privilege_type, p.parname, coalesce(quote_ident(r.rolname), 'PUBLIC')) AS fix
  FROM pg_parameter_acl p
  CROSS JOIN aclexplode(p.paracl) a
  LEFT JOIN pg_roles r ON r.oid = a.grantee
 WHERE NOT coalesce(r.rolsuper, false)
   AND (a.grantee IN (SELECT oid FROM grantee)
        OR p.parname = 'backtrace_functions' AND (r.rolname <> 'ringfence_gate' OR a.privilege_type <> 'SET'))
UNION ALL
SELECT 'backtrace_functions', 'ringfence_gate may not write the context: no clinic can be entered',
       'GRANT SET ON PARAMETER backtrace_functions TO ringfence_gate;'
 WHERE NOT EXISTS (SELECT FROM administrator) AND NOT EXISTS (
   SELECT FROM pg_parameter_acl p CROSS JOIN aclexplode(p.paracl) a JOIN pg_roles r ON r.oid = a.grantee
    WHERE p.parname = 'backtrace_functions' AND r.rolname = 'ringfence_gate' AND a.privilege_type = 'SET')
