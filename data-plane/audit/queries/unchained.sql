-- Events of a tenant's clinics that no link is for.
SELECT e.id FROM clinical.audit_events e JOIN ringfence.clinics c ON c.id = e.clinic_id
 WHERE c.tenant_id = $1
   AND NOT EXISTS (SELECT FROM ringfence.audit_chain k WHERE k.clinic_id = e.clinic_id AND k.event_id = e.id)
 ORDER BY e.at LIMIT 1000
