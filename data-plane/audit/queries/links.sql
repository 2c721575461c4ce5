-- Links of a tenant's chain after $2, in order, with the events that they are for.
SELECT k.seq::float8 AS seq, k.hash,
       CASE WHEN e.id IS NOT NULL THEN ringfence_private.canonical_event(to_jsonb(e)) END AS canonical
  FROM ringfence.audit_chain k
  LEFT JOIN clinical.audit_events e ON e.clinic_id = k.clinic_id AND e.id = k.event_id
 WHERE k.tenant_id = $1 AND k.seq > $2
 ORDER BY k.seq LIMIT $3
