-- Of every tenant that is deployed: its last backups and its last rehearsal.
SELECT t.slug, t.cell, coalesce(s.rpo_minutes, 1440) AS "rpoMinutes",
       max(b.started_at) FILTER (WHERE b.state = 'verified') AS "lastGoodAt",
       max(b.verified_at) FILTER (WHERE b.state = 'verified') AS "lastVerifiedAt",
       max(b.finished_at) FILTER (WHERE b.state = 'failed') AS "lastFailedAt",
       count(*) FILTER (WHERE b.state IN ('verified', 'stored'))::int AS backups,
       coalesce(sum(b.size_bytes) FILTER (WHERE b.state <> 'failed' AND b.removed_at IS NULL), 0)::float8 AS "storedBytes",
       r.at AS "rehearsedAt", r.restore_ms::float8 AS "rehearsalMs"
  FROM control.tenants t
  LEFT JOIN control.backup_schedules s ON s.tenant_id = t.id
  LEFT JOIN control.backups b ON b.tenant_id = t.id
  LEFT JOIN LATERAL (SELECT at, restore_ms FROM control.rehearsals WHERE tenant_id = t.id
                      ORDER BY at DESC LIMIT 1) r ON true
 WHERE t.state IN ('active', 'suspended')
 GROUP BY t.slug, t.cell, s.rpo_minutes, r.at, r.restore_ms ORDER BY t.slug
