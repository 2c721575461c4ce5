-- What happened at a tenant between $2 and $3, by who, what and where; the busiest first.
SELECT c.slug AS clinic, e.action, e.subject, coalesce(e.detail ->> 'reason', '') AS reason, e.actor,
       count(*)::int AS events, coalesce(sum((e.detail ->> 'rows')::bigint), 0)::float8 AS rows,
       min(e.at) AS "firstAt", max(e.at) AS "lastAt"
  FROM clinical.audit_events e
  JOIN ringfence.clinics c ON c.id = e.clinic_id
 WHERE c.tenant_id = $1 AND e.at >= $2 AND e.at < $3
 GROUP BY 1, 2, 3, 4, 5
 ORDER BY count(*) DESC
