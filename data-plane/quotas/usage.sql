-- What a tenant uses now, beside its limits.
SELECT coalesce(l.rows, 0)::float8 AS rows,
       coalesce(l.storage_bytes, 0)::float8 AS "storageBytes",
       coalesce((SELECT u.used FROM ringfence_private.usage u WHERE u.tenant_id = t.id AND u.what = 'requests'
                  AND u.period = date_trunc('minute', now())), 0)::float8 AS "requestsPerMinute",
       round(coalesce((SELECT u.used FROM ringfence_private.usage u WHERE u.tenant_id = t.id AND u.what = 'computeMs'
                        AND u.period = date_trunc('day', now(), 'UTC')), 0) / 1000, 1)::float8 AS "computeSecondsPerDay",
       (SELECT count(*)::float8 FROM ringfence_private.active_users a
         WHERE a.tenant_id = t.id AND a.seen_at > now() - interval '5 minutes') AS "concurrentUsers",
       ringfence_private.month_cost_eur(t.id, now())::float8 AS "monthlyCostCapEur",
       (SELECT count(*)::float8 FROM pg_stat_activity s WHERE s.usename = t.login_role) AS connections
  FROM ringfence.tenants t
  LEFT JOIN ringfence_private.ledgers l ON l.tenant_id = t.id
 WHERE t.id = $1
