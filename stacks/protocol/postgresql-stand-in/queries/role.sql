-- One role with everything that its resource promises. The settings are those of every database.
SELECT r.rolname AS name,
       r.rolcanlogin AS login,
       r.rolinherit AS inherit,
       r.rolsuper AS superuser,
       r.rolcreatedb AS "createDatabase",
       r.rolcreaterole AS "createRole",
       r.rolreplication AS replication,
       r.rolbypassrls AS "bypassRowLevelSecurity",
       r.rolconnlimit AS "connectionLimit",
       coalesce(r.rolvaliduntil::text, 'infinity') AS "validUntil",
       ARRAY(SELECT DISTINCT pg_get_userbyid(m.roleid)::text FROM pg_auth_members m WHERE m.member = r.oid ORDER BY 1) AS roles,
       (SELECT substring(s FROM 13) FROM unnest(r.rolconfig) s WHERE s LIKE 'search\_path=%') AS "searchPath",
       coalesce((SELECT substring(s FROM 6) FROM unnest(r.rolconfig) s WHERE s LIKE 'role=%'), '') AS "assumeRole",
       coalesce(t.statement, 0)::float8 AS "statementTimeout",
       coalesce(t.idle, 0)::float8 AS "idleInTransactionSessionTimeout"
  FROM pg_roles r
 CROSS JOIN LATERAL (
       SELECT max(ms) FILTER (WHERE name = 'statement_timeout') AS statement,
              max(ms) FILTER (WHERE name = 'idle_in_transaction_session_timeout') AS idle
         FROM (SELECT split_part(s, '=', 1) AS name,
                      -- Milliseconds without a unit; with one, what Postgres takes for an interval too.
                      CASE WHEN split_part(s, '=', 2) ~ '^\d+$' THEN split_part(s, '=', 2)::numeric
                           ELSE extract(epoch FROM split_part(s, '=', 2)::interval) * 1000 END AS ms
                 FROM unnest(r.rolconfig) s
                WHERE s ~ '^(statement_timeout|idle_in_transaction_session_timeout)=') settings) t
 WHERE r.rolname = $1
