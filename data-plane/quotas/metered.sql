-- What each tenant of the cell has used this month, and its weight: what that costs at the cell's prices, in thousand-millionths of
-- a euro. As ringfence_private.month_cost_eur, which rounds, and so would take small tenants for unused ones.
WITH month AS (
  SELECT date_trunc('month', now(), 'UTC') AS began,
         extract(epoch FROM now() - date_trunc('month', now(), 'UTC'))
           / extract(epoch FROM date_trunc('month', now(), 'UTC') + interval '1 month' - date_trunc('month', now(), 'UTC')) AS elapsed
),
used AS (
  SELECT t.id,
         coalesce((SELECT u.used FROM ringfence_private.usage u
                    WHERE u.tenant_id = t.id AND u.what = 'monthRequests' AND u.period = month.began), 0) AS requests,
         coalesce((SELECT u.used FROM ringfence_private.usage u
                    WHERE u.tenant_id = t.id AND u.what = 'monthComputeMs' AND u.period = month.began), 0) AS compute_ms,
         greatest(coalesce((SELECT l.storage_bytes FROM ringfence_private.ledgers l WHERE l.tenant_id = t.id), 0), 0)::numeric AS storage_bytes,
         month.elapsed
    FROM ringfence.tenants t, month
)
SELECT id AS "tenantId", requests::float8, compute_ms::float8 AS "computeMs", storage_bytes::float8 AS "storageBytes",
       round(1e9 * coalesce((SELECT sum(p.eur * CASE p.what WHEN 'millionRequests' THEN requests / 1e6
                                                            WHEN 'computeHour' THEN compute_ms / 3.6e6
                                                            WHEN 'storageGibMonth' THEN storage_bytes / 1024.0 ^ 3 * elapsed END)
                               FROM ringfence.prices p), 0))::text AS weight
  FROM used
 ORDER BY id
