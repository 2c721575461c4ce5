-- Tenants that are otherwise than a deployment leaves them: a state that nobody asked for, or a login of their own with more, or
-- less, than such a login has.
SELECT t.id FROM ringfence.tenants t
  LEFT JOIN pg_roles r ON r.rolname = t.login_role
 WHERE t.state <> 'active' AND t.suspended_by IS NULL
    OR t.login_role IS NOT NULL
   AND (r.oid IS NULL OR r.rolcanlogin <> (t.suspended_by IS NULL AND t.fence <> 'closed') OR r.rolsuper OR r.rolcreatedb OR r.rolcreaterole OR r.rolreplication OR r.rolbypassrls
     OR r.rolvaliduntil < 'infinity' OR r.rolconnlimit = -1
     OR (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid) <> 1
     OR EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles p ON p.oid = m.roleid
                 WHERE m.member = r.oid AND (p.rolname <> 'ringfence_tenant' OR m.admin_option
                    OR (to_jsonb(m) ->> 'set_option')::boolean))
     OR EXISTS (SELECT FROM pg_db_role_setting s WHERE s.setrole = r.oid
                   AND (s.setdatabase <> 0 OR cardinality(s.setconfig) <> 3)))
