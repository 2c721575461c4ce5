-- Without FORCE the owner reads everything, as the administrator of a managed cell has to; without ENABLE everyone does.
SELECT r.name AS object,
       CASE WHEN r.relrowsecurity THEN 'row-level security is not forced: its owner reads every clinic'
            ELSE 'row-level security is off' END AS problem,
       format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;', r.name) AS fix
  FROM relation r
 WHERE r.relkind IN ('r', 'p') AND NOT (r.relrowsecurity AND (r.relforcerowsecurity OR EXISTS (SELECT FROM administrator)))
   AND (r.oid IN (SELECT oid FROM tenant_family) OR r.name = 'ringfence.clinics')
