-- On the primary. A standby that has all there is has no replay_lag; one of which nothing is known has no row.
SELECT r.state = 'streaming' AS "isStreaming",
       pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn)::float8 AS "lagBytes",
       CASE WHEN r.replay_lsn >= pg_current_wal_lsn() THEN 0
            ELSE extract(epoch FROM r.replay_lag)::float8 END AS "lagSeconds"
  FROM pg_stat_replication r WHERE r.application_name = $1
