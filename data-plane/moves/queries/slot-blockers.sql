-- Who keeps a stream from beginning: transactions that have written something, in any database of the server; the oldest first. One that
-- was prepared has no process. The tenant is the one that the transaction has entered, or whose own login it is.
WITH blocker AS (
  SELECT a.pid, a.usename::text AS login, nullif(a.application_name, '') AS application, NULL AS prepared, a.datname::text AS database,
         a.xact_start AS since
    FROM pg_stat_activity a WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid()
  UNION ALL
  SELECT NULL, p.owner::text, NULL, p.gid, p.database::text, p.prepared FROM pg_prepared_xacts p
)
SELECT b.pid, b.login, b.application, b.prepared, b.database, date_trunc('second', b.since)::text AS since, t.slug AS tenant
  FROM blocker b
  LEFT JOIN LATERAL (
    SELECT t.slug FROM ringfence.tenants t
     WHERE t.login_role = b.login
        OR b.database = current_database()
           AND EXISTS (SELECT FROM pg_locks l JOIN ringfence.clinics c ON l.classid = (uuid_hash(c.id)::bigint & 4294967295)::oid
                        WHERE l.pid = b.pid AND c.tenant_id = t.id AND l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
                          AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
     LIMIT 1) t ON true
 ORDER BY b.since LIMIT 3
