-- What is on a cell's server, or in its database, that neither Ringfence nor the server's provider has made. $1: the roles of cells.
SELECT 'database' AS kind, d.datname::text AS name
  FROM pg_database d
 WHERE NOT d.datistemplate AND d.datname NOT IN (current_database(), 'postgres', 'rdsadmin')
UNION ALL
SELECT 'role', r.rolname
  FROM pg_roles r
 WHERE r.rolname !~ '^pg_' AND r.rolname !~ '^rds' AND r.rolname NOT IN (current_user, session_user) AND r.oid <> 10
   AND r.rolname <> ALL ($1::text[])
   AND NOT EXISTS (SELECT FROM ringfence.tenants t WHERE t.login_role = r.rolname)
   AND r.rolname !~ '^rf_move_[0-9a-f]{8}_reader$'
UNION ALL
SELECT 'publication', p.pubname FROM pg_publication p WHERE p.pubname !~ '^rf_move_'
UNION ALL
SELECT 'subscription', s.subname
  FROM pg_subscription s
 WHERE s.subname !~ '^rf_move_' AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
 ORDER BY 1, 2
