-- Events of a tenant, newest first. An auditor sees who by a pseudonym and what by its kind.
SELECT c.slug AS clinic, e.at, e.action,
       CASE WHEN $8 AND e.detail ? 'application' THEN 'application' ELSE e.subject END AS subject,
       CASE WHEN $8 THEN coalesce(substring(e.actor FROM '^[a-z_]+:'), '')
            || ringfence_private.pseudonym(e.clinic_id, e.actor) ELSE e.actor END AS actor,
       CASE WHEN $8 THEN e.detail - ARRAY['keys', 'application', 'reason'] ELSE e.detail END AS detail
  FROM clinical.audit_events e
  JOIN ringfence.clinics c ON c.id = e.clinic_id
 WHERE c.tenant_id = $1
   AND ($2::text IS NULL OR c.slug = $2)
   AND ($3::timestamptz IS NULL OR e.at >= $3)
   AND ($4::timestamptz IS NULL OR e.at < $4)
   AND ($5::text IS NULL OR e.actor LIKE '%' || $5 || '%')
   AND ($6::text IS NULL OR e.action = $6)
 ORDER BY e.at DESC, e.id LIMIT $7
