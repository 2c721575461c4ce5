SELECT current_setting('server_version') AS version,
       (SELECT CASE WHEN current_setting('archive_mode') = 'off' THEN 'off'
                    WHEN last_failed_time > coalesce(last_archived_time, '-infinity') THEN 'failing'
                    ELSE 'on' END FROM pg_stat_archiver) AS archiving,
       pg_database_size(current_database())::float8 AS "sizeBytes",
       (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
       current_setting('max_connections')::int AS "maxConnections",
       (SELECT count(*)::int FROM ringfence.tenants) AS tenants,
       (SELECT count(*)::int FROM ringfence.clinics WHERE state = 'active') AS clinics,
       (SELECT count(*)::int FROM ringfence.tenant_tables) AS "tenantTables",
       extract(epoch FROM now() - pg_postmaster_start_time())::float8 AS "uptimeSeconds"
